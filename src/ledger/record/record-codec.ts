import {
  firstMark,
  firstRequest,
  firstSettlement,
  type FirstProgress,
  type FirstRequest,
  type FirstSettlement
} from './format-1.ts'
import { decodeFrame, encodeFrame } from './frame.ts'
import type { Mark, Place } from './mark.ts'
import { rootPath } from '../../pipeline/paths.ts'
import type { NewRequest, RequestContent } from './new-request.ts'
import type { Failure, Settlement } from './settlement.ts'
import {
  packEvent,
  packEvents,
  unpackEvent,
  unpackEvents,
  type PackedEvent,
  type PackedEvents
} from './packed-event.ts'
import { packEnd, unpackEnd, type PackedEnd } from './packed-end.ts'
import { packPlaces, unpackPlaces, type PackedPlaces } from './packed-place.ts'
import { packSteps, unpackSteps, type PackedStep } from './packed-step.ts'
import { packUpstreamBody, unpackUpstreamBody, type PackedUpstreamBody } from './packed-upstream-body.ts'

/*
 * Every store keeps these as bytes, in versioned frames: the request as it was accepted, where its sequences stand, its
 * settlement. The parts that a store must look at (state, rank, token, times) are fields of their own. Documents are
 * lists rather than objects: names would be a third of what a short request takes.
 *
 * The third format is the second one with names beside indexes, and has the number of the second: a gateway of the
 * version before, which goes by indexes, can work on the same store while replicas are upgraded one by one. A record of that
 * version has no names, and a number for a generation, which says nothing: every generation was number 1.
 */

type Bytes = Buffer<ArrayBuffer>

/** An absent part is null, or not there at the end. In the headers null is the id of the request. */
type PackedRequest = readonly [
  generation: number | string,
  priority: number,
  event: PackedEvent,
  headers: readonly (string | null)[],
  traceId?: string | null,
  orderKey?: string | null,
  eventTime?: number | null,
  replayOf?: string | null,
  deadline?: number | null
]

type PackedMark = readonly [
  index: number,
  event: PackedEvent,
  steps: readonly PackedStep[],
  replies: PackedEvents,
  delivery: number,
  next?: string | null,
  ended?: PackedEnd | null,
  chosen?: string | null,
  calls?: number
]

type Optional = 'step' | 'path' | 'upstreamStatus' | 'deliveries'

/** The place of the root has parts of its own, by which the version before knows it. */
type PackedFailure = Omit<Failure, 'places' | 'upstreamBody' | Optional> &
  Partial<Pick<Failure, Optional>> & {
    readonly upstreamBody?: PackedUpstreamBody | undefined
    readonly next?: string
    readonly chosen?: string
    readonly stepIndex: number
    readonly input: PackedEvent
    readonly replies: PackedEvents
    /** Of the sequences below the root. */
    readonly inner?: PackedPlaces
  }

type PackedSettlement =
  | readonly ['replied', readonly PackedStep[], PackedEvent, run?: number]
  | readonly ['filtered', readonly PackedStep[], string]
  | readonly ['cancelled', readonly PackedStep[]]
  | readonly ['failed', readonly PackedStep[], PackedFailure]

/** The request as it was accepted. */
export function encodeRequest(
  request: Omit<RequestContent, 'generation'> & Pick<NewRequest, 'id' | 'generation'>
): Bytes {
  const { id, generation, event, headers, priority, orderKey, eventTime, replayOf, traceId, deadline } = request
  const blobs: Uint8Array[] = []
  const own = headers.map(text => (text === id ? null : text))
  const document: unknown[] = [String(generation), priority, packEvent(event, blobs, id), own]
  const rest = [traceId, orderKey, eventTime, replayOf, deadline]
  document.push(...rest.slice(0, rest.findLastIndex(part => part !== undefined) + 1))
  return encodeFrame({ document, blobs })
}

/** `id`: that of the request. */
export function decodeRequest(bytes: Uint8Array, id: string): RequestContent {
  const frame = decodeFrame<FirstRequest, PackedRequest>(bytes)
  if (frame.format === 1) return firstRequest(frame.document, frame.blobs)
  const { document, blobs } = frame
  const [generation, priority, event, headers, traceId, orderKey, eventTime, replayOf, deadline] = document
  return {
    generation: typeof generation === 'string' ? Number(generation) : undefined,
    event: unpackEvent(event, blobs, id),
    headers: headers.map(text => text ?? id),
    priority,
    orderKey: orderKey ?? undefined,
    eventTime: eventTime ?? undefined,
    replayOf: replayOf ?? undefined,
    traceId: traceId ?? undefined,
    deadline: deadline ?? undefined
  }
}

/** Where a sequence of the request stands. */
export function encodeMark({ next, index, event, steps, replies, delivery, ended, chosen, calls }: Mark): Bytes {
  const blobs: Uint8Array[] = []
  const document: unknown[] = [index, packEvent(event, blobs), packSteps(steps), packEvents(replies, blobs), delivery]
  const rest = [next, ended && packEnd(ended), chosen, calls]
  document.push(...rest.slice(0, rest.findLastIndex(part => part !== undefined) + 1))
  return encodeFrame({ document, blobs })
}

export function decodeMark(bytes: Uint8Array): Mark {
  const frame = decodeFrame<FirstProgress, PackedMark>(bytes)
  if (frame.format === 1) return firstMark(frame.document, frame.blobs)
  const { document, blobs } = frame
  const [index, event, steps, replies, delivery, next, ended, chosen, calls] = document
  return {
    next: next ?? undefined,
    index,
    event: unpackEvent(event, blobs),
    steps: unpackSteps(steps),
    replies: unpackEvents(replies, blobs),
    delivery,
    ended: ended ? unpackEnd(ended) : undefined,
    ...(typeof chosen === 'string' && { chosen }),
    ...(calls !== undefined && { calls })
  }
}

/** How the request ended. `id`: that of the request, which the reply to it names as its cause. */
export function encodeSettlement(settlement: Settlement, id: string): Bytes {
  const blobs: Uint8Array[] = []
  return encodeFrame({ document: packSettlement(settlement, blobs, id), blobs })
}

export function decodeSettlement(bytes: Uint8Array, id: string): Settlement {
  const frame = decodeFrame<FirstSettlement, PackedSettlement>(bytes)
  if (frame.format === 1) return firstSettlement(frame.document, frame.blobs)
  const { document, blobs } = frame
  const steps = unpackSteps(document[1])
  switch (document[0]) {
    case 'replied':
      return { status: 'replied', reply: unpackEvent(document[2], blobs, id), steps, ...runOf(document[3]) }
    case 'filtered':
      return { status: 'filtered', step: document[2], steps }
    case 'cancelled':
      return { status: 'cancelled', steps }
    case 'failed':
      return { status: 'failed', failure: unpackFailure(document[2], blobs), steps }
  }
}

function packSettlement(settlement: Settlement, blobs: Uint8Array[], id: string): PackedSettlement {
  const steps = packSteps(settlement.steps)
  switch (settlement.status) {
    case 'replied':
      return ['replied', steps, packEvent(settlement.reply, blobs, id), ...optional(settlement.run)]
    case 'filtered':
      return ['filtered', steps, settlement.step]
    case 'cancelled':
      return ['cancelled', steps]
    case 'failed':
      return ['failed', steps, packFailure(settlement.failure, blobs)]
  }
}

const runOf = (run: number | undefined) => (run === undefined ? {} : { run })

const optional = (run: number | undefined): [number?] => (run === undefined ? [] : [run])

function packFailure({ places, ...failure }: Failure, blobs: Uint8Array[]): PackedFailure {
  const root = places.get(rootPath)
  if (root === undefined) throw new Error('a failure has no place in the root')
  const { next, index, event, replies, chosen } = root
  const inner = [...places].filter(([path]) => path !== rootPath)
  return {
    ...failure,
    upstreamBody: failure.upstreamBody && packUpstreamBody(failure.upstreamBody),
    ...(next !== undefined && next !== failure.step && { next }),
    ...(chosen !== undefined && { chosen }),
    stepIndex: index,
    input: packEvent(event, blobs),
    replies: packEvents(replies, blobs),
    ...(inner.length > 0 && { inner: packPlaces(inner, blobs) })
  }
}

function unpackFailure(packed: PackedFailure, blobs: readonly Uint8Array[]): Failure {
  const {
    next,
    chosen,
    stepIndex,
    input,
    replies,
    inner,
    step,
    path = step,
    upstreamStatus,
    deliveries,
    ...rest
  } = packed
  const upstreamBody = packed.upstreamBody && unpackUpstreamBody(packed.upstreamBody)
  const root: Place = {
    next: next ?? step,
    index: stepIndex,
    event: unpackEvent(input, blobs),
    replies: unpackEvents(replies, blobs),
    ended: undefined,
    ...(chosen !== undefined && { chosen })
  }
  const places = new Map([[rootPath, root], ...(inner === undefined ? [] : unpackPlaces(inner, blobs))])
  return { ...rest, step, path, upstreamStatus, upstreamBody, deliveries, places }
}
