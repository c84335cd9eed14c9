import {
  firstProgress,
  firstRequest,
  firstSettlement,
  type FirstProgress,
  type FirstRequest,
  type FirstSettlement
} from './first-format.ts'
import { decodeFrame, encodeFrame } from './frame.ts'
import type { Failure, NewRequest, Progress, Settlement } from './ledger.ts'
import {
  packEvent,
  packEvents,
  unpackEvent,
  unpackEvents,
  type PackedEvent,
  type PackedEvents
} from './packed-event.ts'
import { packSteps, unpackSteps, type PackedStep } from './packed-step.ts'
import { packUpstreamBody, unpackUpstreamBody, type PackedUpstreamBody } from './packed-upstream-body.ts'

/*
 * What every store keeps as bytes, in versioned frames: the request as it was accepted, its progress, its settlement.
 * What a store must look at (state, rank, token, times) are fields of its own. Documents are lists rather than objects:
 * names would be a third of what a short request takes.
 */

type Bytes = Buffer<ArrayBuffer>

/** The parts of an accepted request that never change. */
export type RequestContent = Pick<
  NewRequest,
  'generation' | 'event' | 'headers' | 'priority' | 'orderKey' | 'eventTime' | 'replayOf' | 'traceId' | 'deadline'
>

/** What is absent is null, or not there at the end. In the headers null is the id of the request. */
type PackedRequest = readonly [
  generation: number,
  priority: number,
  event: PackedEvent,
  headers: readonly (string | null)[],
  traceId?: string | null,
  orderKey?: string | null,
  eventTime?: number | null,
  replayOf?: string | null,
  deadline?: number | null
]

type PackedProgress = readonly [
  next: number,
  event: PackedEvent,
  steps: readonly PackedStep[],
  replies: PackedEvents,
  delivery: number
]

type PackedFailure = Omit<Failure, 'input' | 'replies' | 'step' | 'upstreamStatus' | 'upstreamBody' | 'deliveries'> &
  Partial<Pick<Failure, 'step' | 'upstreamStatus' | 'deliveries'>> & {
    readonly upstreamBody?: PackedUpstreamBody | undefined
    readonly input: PackedEvent
    readonly replies: PackedEvents
  }

type PackedSettlement =
  | readonly ['replied', readonly PackedStep[], PackedEvent]
  | readonly ['filtered', readonly PackedStep[], string]
  | readonly ['cancelled', readonly PackedStep[]]
  | readonly ['failed', readonly PackedStep[], PackedFailure]

/** The request as it was accepted. */
export function encodeRequest(request: RequestContent & Pick<NewRequest, 'id'>): Bytes {
  const { id, generation, event, headers, priority, orderKey, eventTime, replayOf, traceId, deadline } = request
  const blobs: Uint8Array[] = []
  const own = headers.map(text => (text === id ? null : text))
  const document: unknown[] = [generation, priority, packEvent(event, blobs, id), own]
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
    generation,
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

/** How far the request came. */
export function encodeProgress({ next, event, steps, replies, delivery }: Progress): Bytes {
  const blobs: Uint8Array[] = []
  const document: PackedProgress = [
    next,
    packEvent(event, blobs),
    packSteps(steps),
    packEvents(replies, blobs),
    delivery
  ]
  return encodeFrame({ document, blobs })
}

export function decodeProgress(bytes: Uint8Array): Progress {
  const frame = decodeFrame<FirstProgress, PackedProgress>(bytes)
  if (frame.format === 1) return firstProgress(frame.document, frame.blobs)
  const { document, blobs } = frame
  const [next, event, steps, replies, delivery] = document
  return {
    next,
    event: unpackEvent(event, blobs),
    steps: unpackSteps(steps),
    replies: unpackEvents(replies, blobs),
    delivery
  }
}

/** How the request ended. */
export function encodeSettlement(settlement: Settlement): Bytes {
  const blobs: Uint8Array[] = []
  return encodeFrame({ document: packSettlement(settlement, blobs), blobs })
}

export function decodeSettlement(bytes: Uint8Array): Settlement {
  const frame = decodeFrame<FirstSettlement, PackedSettlement>(bytes)
  if (frame.format === 1) return firstSettlement(frame.document, frame.blobs)
  const { document, blobs } = frame
  const steps = unpackSteps(document[1])
  switch (document[0]) {
    case 'replied':
      return { status: 'replied', reply: unpackEvent(document[2], blobs), steps }
    case 'filtered':
      return { status: 'filtered', step: document[2], steps }
    case 'cancelled':
      return { status: 'cancelled', steps }
    case 'failed':
      return { status: 'failed', failure: unpackFailure(document[2], blobs), steps }
  }
}

function packSettlement(settlement: Settlement, blobs: Uint8Array[]): PackedSettlement {
  const steps = packSteps(settlement.steps)
  switch (settlement.status) {
    case 'replied':
      return ['replied', steps, packEvent(settlement.reply, blobs)]
    case 'filtered':
      return ['filtered', steps, settlement.step]
    case 'cancelled':
      return ['cancelled', steps]
    case 'failed':
      return ['failed', steps, packFailure(settlement.failure, blobs)]
  }
}

const packFailure = (failure: Failure, blobs: Uint8Array[]): PackedFailure => ({
  ...failure,
  upstreamBody: failure.upstreamBody && packUpstreamBody(failure.upstreamBody),
  input: packEvent(failure.input, blobs),
  replies: packEvents(failure.replies, blobs)
})

const unpackFailure = (packed: PackedFailure, blobs: readonly Uint8Array[]): Failure => ({
  ...packed,
  step: packed.step,
  upstreamStatus: packed.upstreamStatus,
  upstreamBody: packed.upstreamBody && unpackUpstreamBody(packed.upstreamBody),
  deliveries: packed.deliveries,
  input: unpackEvent(packed.input, blobs),
  replies: unpackEvents(packed.replies, blobs)
})
