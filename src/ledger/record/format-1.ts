import type { AttributeValue, CloudEvent } from '../../event/event.ts'
import type { Mark } from './mark.ts'
import { rootPath } from '../../pipeline/paths.ts'
import type { Failure, Settlement } from './settlement.ts'
import type { StepRecord } from './step-record.ts'
import type { RequestContent } from './new-request.ts'

/*
 * Documents of frames of format 1, whose parts have names. Stores may hold them from before the format changed; none is
 * written any more.
 */

type Blobs = readonly Uint8Array[]

interface FirstEvent {
  readonly attributes: readonly (readonly [string, AttributeValue])[]
  readonly data?: number
}

type FirstEvents = readonly (readonly [string, FirstEvent])[]

/** Visits, which had no paths. */
type FirstSteps = readonly Omit<StepRecord, 'path'>[]

export type FirstRequest = Omit<RequestContent, 'event' | 'deadline' | 'generation'> & { readonly event: FirstEvent }

/** `delivery` is absent in the oldest. */
export interface FirstProgress {
  readonly next: number
  readonly event: FirstEvent
  readonly steps: FirstSteps
  readonly replies: FirstEvents
  readonly delivery?: number
}

type FirstFailure = Omit<Failure, 'path' | 'places' | 'upstreamBody'> & {
  readonly stepIndex: number
  readonly input: FirstEvent
  readonly replies: FirstEvents
}

export type FirstSettlement = { readonly steps: FirstSteps } & (
  | { readonly status: 'replied'; readonly reply: FirstEvent }
  | { readonly status: 'filtered'; readonly step: string }
  | { readonly status: 'cancelled' }
  | { readonly status: 'failed'; readonly failure: FirstFailure }
)

/** Its generation says nothing: every one was number 1. */
export function firstRequest(document: FirstRequest, blobs: Blobs): RequestContent {
  const { event, headers, priority, orderKey, eventTime, replayOf, traceId } = document
  return {
    generation: undefined,
    event: firstEvent(event, blobs),
    headers,
    priority,
    orderKey,
    eventTime,
    replayOf,
    traceId,
    deadline: undefined
  }
}

export const firstMark = ({ next, event, steps, replies, delivery = 1 }: FirstProgress, blobs: Blobs): Mark => ({
  next: undefined,
  index: next,
  event: firstEvent(event, blobs),
  steps: firstSteps(steps),
  replies: firstEvents(replies, blobs),
  delivery,
  ended: undefined
})

export function firstSettlement(document: FirstSettlement, blobs: Blobs): Settlement {
  const steps = firstSteps(document.steps)
  switch (document.status) {
    case 'replied':
      return { status: 'replied', reply: firstEvent(document.reply, blobs), steps }
    case 'filtered':
      return { status: 'filtered', step: document.step, steps }
    case 'cancelled':
      return { status: 'cancelled', steps }
    case 'failed':
      return { status: 'failed', failure: firstFailure(document.failure, blobs), steps }
  }
}

function firstFailure({ stepIndex, input, replies, ...failure }: FirstFailure, blobs: Blobs): Failure {
  const { step, upstreamStatus, deliveries } = failure
  const root = {
    next: step,
    index: stepIndex,
    event: firstEvent(input, blobs),
    replies: firstEvents(replies, blobs),
    ended: undefined
  }
  return {
    ...failure,
    step,
    path: step,
    upstreamStatus,
    upstreamBody: undefined,
    deliveries,
    places: new Map([[rootPath, root]])
  }
}

const firstSteps = (steps: FirstSteps): readonly StepRecord[] => steps.map(step => ({ path: step.name, ...step }))

const firstEvent = ({ attributes, data }: FirstEvent, blobs: Blobs): CloudEvent => ({
  attributes: new Map(attributes),
  data: data === undefined ? undefined : blobs[data]
})

const firstEvents = (packed: FirstEvents, blobs: Blobs): ReadonlyMap<string, CloudEvent> =>
  new Map(packed.map(([name, event]) => [name, firstEvent(event, blobs)]))
