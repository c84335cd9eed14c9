import { hash } from 'node:crypto'
import type { NewRequest } from '../ledger.ts'
import { encodeProgress, encodeRequest } from '../record-codec.ts'
import type { RequestRecord } from '../request-record.ts'
import type { StoredRequest } from './operations.ts'

/** The request in the form in which it goes to the store's thread. */
export function toStoredRequest(request: NewRequest): StoredRequest {
  const { id, pipeline, priority, orderKey, eventTime, deduplicationKeys, fingerprint, ttlMs, maxQueued, replayOf } =
    request
  return {
    id,
    pipeline,
    priority,
    orderKey: orderKey === undefined ? undefined : digest(orderKey),
    eventTime,
    deduplicationKeys: deduplicationKeys.map(digest),
    fingerprint,
    ttlMs,
    maxQueued,
    replayOf,
    content: encodeRequest(request),
    progress: request.progress && encodeProgress(request.progress)
  }
}

/** 132 bits: short, since keys in random order make many pages of the index dirty. */
const digest = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22)

/** The record of a request that was claimed as it was accepted, without reading it back. */
export function claimedRecord(request: NewRequest, acceptedAt: number): RequestRecord {
  const { id, pipeline, generation, event, headers, priority, orderKey, progress, replayOf, traceId } = request
  return {
    id,
    pipeline,
    generation,
    status: 'running',
    version: 1,
    event,
    headers,
    priority,
    orderKey,
    eventTime: request.eventTime ?? acceptedAt,
    deliveries: 1,
    acceptedAt,
    finishedAt: undefined,
    progress,
    steps: progress?.steps ?? [],
    reply: undefined,
    filteredBy: undefined,
    failure: undefined,
    replayOf,
    traceId
  }
}
