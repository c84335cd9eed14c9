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
import type { StepRecord } from './request-record.ts'

/*
 * What every store keeps as bytes, in versioned frames: the request as it was accepted, its progress, its settlement.
 * What a store must look at (state, rank, token, times) are fields of its own.
 */

type Bytes = Buffer<ArrayBuffer>

/** The parts of an accepted request that never change. */
export type RequestContent = Pick<
  NewRequest,
  'generation' | 'event' | 'headers' | 'priority' | 'orderKey' | 'eventTime' | 'replayOf' | 'traceId'
>

interface PackedRequest extends Partial<Omit<RequestContent, 'event' | 'generation' | 'headers' | 'priority'>> {
  readonly generation: number
  readonly event: PackedEvent
  readonly headers: readonly string[]
  readonly priority: number
}

interface PackedProgress {
  readonly next: number
  readonly event: PackedEvent
  readonly steps: readonly StepRecord[]
  readonly replies: PackedEvents
  /** Absent: an earlier version of Sluice wrote it. */
  readonly delivery?: number
}

interface PackedFailure {
  readonly code: string
  readonly message: string
  readonly step?: string
  readonly stepIndex: number
  readonly attempts: number
  readonly upstreamStatus?: number
  readonly deliveries?: number
  readonly input: PackedEvent
  readonly replies: PackedEvents
}

type PackedSettlement =
  | { readonly status: 'replied'; readonly reply: PackedEvent; readonly steps: readonly StepRecord[] }
  | { readonly status: 'filtered'; readonly step: string; readonly steps: readonly StepRecord[] }
  | { readonly status: 'cancelled'; readonly steps: readonly StepRecord[] }
  | { readonly status: 'failed'; readonly failure: PackedFailure; readonly steps: readonly StepRecord[] }

/** The request as it was accepted. */
export function encodeRequest(request: RequestContent): Bytes {
  const { generation, event, headers, priority, orderKey, eventTime, replayOf, traceId } = request
  const blobs: Uint8Array[] = []
  const packed = packEvent(event, blobs)
  const document = { generation, event: packed, headers, priority, orderKey, eventTime, replayOf, traceId }
  return encodeFrame({ document, blobs })
}

export function decodeRequest(bytes: Uint8Array): RequestContent {
  const { document, blobs } = decodeFrame<PackedRequest>(bytes)
  const { generation, event, headers, priority, orderKey, eventTime, replayOf, traceId } = document
  const unpacked = unpackEvent(event, blobs)
  return { generation, event: unpacked, headers, priority, orderKey, eventTime, replayOf, traceId }
}

/** How far the request came. */
export function encodeProgress({ next, event, steps, replies, delivery }: Progress): Bytes {
  const blobs: Uint8Array[] = []
  const document = { next, event: packEvent(event, blobs), steps, replies: packEvents(replies, blobs), delivery }
  return encodeFrame({ document, blobs })
}

export function decodeProgress(bytes: Uint8Array): Progress {
  const { document, blobs } = decodeFrame<PackedProgress>(bytes)
  const { next, event, steps, replies, delivery = 1 } = document
  return { next, event: unpackEvent(event, blobs), steps, replies: unpackEvents(replies, blobs), delivery }
}

/** How the request ended. */
export function encodeSettlement(settlement: Settlement): Bytes {
  const blobs: Uint8Array[] = []
  return encodeFrame({ document: packSettlement(settlement, blobs), blobs })
}

export function decodeSettlement(bytes: Uint8Array): Settlement {
  const { document, blobs } = decodeFrame<PackedSettlement>(bytes)
  if (document.status === 'replied') return { ...document, reply: unpackEvent(document.reply, blobs) }
  if (document.status === 'failed') return { ...document, failure: unpackFailure(document.failure, blobs) }
  return document
}

function packSettlement(settlement: Settlement, blobs: Uint8Array[]): unknown {
  if (settlement.status === 'replied') return { ...settlement, reply: packEvent(settlement.reply, blobs) }
  if (settlement.status === 'failed') return { ...settlement, failure: packFailure(settlement.failure, blobs) }
  return settlement
}

const packFailure = (failure: Failure, blobs: Uint8Array[]): unknown => ({
  ...failure,
  input: packEvent(failure.input, blobs),
  replies: packEvents(failure.replies, blobs)
})

const unpackFailure = (packed: PackedFailure, blobs: readonly Uint8Array[]): Failure => ({
  ...packed,
  step: packed.step,
  upstreamStatus: packed.upstreamStatus,
  deliveries: packed.deliveries,
  input: unpackEvent(packed.input, blobs),
  replies: unpackEvents(packed.replies, blobs)
})
