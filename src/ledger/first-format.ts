import type { AttributeValue, CloudEvent } from '../event/event.ts'
import type { Progress, Settlement } from './ledger.ts'
import type { RequestContent } from './record-codec.ts'

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

/** The same with an event, and events, as this format has them. */
type Packed<T, One extends keyof T, Many extends keyof T = never> = Omit<T, One | Many> &
  Readonly<Record<One, FirstEvent>> &
  Readonly<Record<Many, FirstEvents>>

export type FirstRequest = Packed<Omit<RequestContent, 'deadline'>, 'event'>
/** `delivery` is absent in the oldest. */
export type FirstProgress = Packed<Omit<Progress, 'delivery'>, 'event', 'replies'> & Partial<Pick<Progress, 'delivery'>>
type Failed = Extract<Settlement, { status: 'failed' }>
export type FirstSettlement =
  | Packed<Extract<Settlement, { status: 'replied' }>, 'reply'>
  | Extract<Settlement, { status: 'filtered' | 'cancelled' }>
  | (Omit<Failed, 'failure'> & {
      readonly failure: Packed<Omit<Failed['failure'], 'upstreamBody'>, 'input', 'replies'>
    })

export function firstRequest(document: FirstRequest, blobs: Blobs): RequestContent {
  const { generation, event, headers, priority, orderKey, eventTime, replayOf, traceId } = document
  return {
    generation,
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

export function firstProgress({ next, event, steps, replies, delivery = 1 }: FirstProgress, blobs: Blobs): Progress {
  return { next, event: firstEvent(event, blobs), steps, replies: firstEvents(replies, blobs), delivery }
}

export function firstSettlement(document: FirstSettlement, blobs: Blobs): Settlement {
  if (document.status === 'replied') return { ...document, reply: firstEvent(document.reply, blobs) }
  if (document.status !== 'failed') return document
  const { failure } = document
  const { step, upstreamStatus, deliveries } = failure
  const input = firstEvent(failure.input, blobs)
  const replies = firstEvents(failure.replies, blobs)
  return {
    ...document,
    failure: { ...failure, step, upstreamStatus, upstreamBody: undefined, deliveries, input, replies }
  }
}

const firstEvent = ({ attributes, data }: FirstEvent, blobs: Blobs): CloudEvent => ({
  attributes: new Map(attributes),
  data: data === undefined ? undefined : blobs[data]
})

const firstEvents = (packed: FirstEvents, blobs: Blobs): ReadonlyMap<string, CloudEvent> =>
  new Map(packed.map(([name, event]) => [name, firstEvent(event, blobs)]))
