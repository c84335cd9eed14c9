import { hash } from 'node:crypto'
import type { NewRequest } from '../record/new-request.ts'
import { noNote } from '../record/note.ts'
import { encodeMark, encodeRequest } from '../record/record-codec.ts'
import type { RequestRecord } from '../record/request-record.ts'
import { createRecord } from '../record/stored-record.ts'
import type { StoredRequest } from './operations.ts'

/** Of a request that was just accepted. */
export const firstVersion = 1

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
    content: unpooled(encodeRequest(request)),
    // Only a replay has any.
    marks: request.marks.size === 0 ? noStoredMarks : storedMarks(request.marks)
  }
}

const noStoredMarks: StoredRequest['marks'] = []

const storedMarks = (marks: NewRequest['marks']): StoredRequest['marks'] =>
  Array.from(marks, ([path, mark]) => [path, unpooled(encodeMark(mark))] as const)

/** The bytes in memory of their own: a message to a thread would copy all the memory that they are in. */
export const unpooled = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

/** 132 bits: short, since keys in random order make many pages of the index dirty. */
const digest = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22)

/** The record of a request that was claimed as it was accepted, without reading it back. */
export function claimedRecord(request: NewRequest, acceptedAt: number): RequestRecord {
  const { id, pipeline, marks } = request
  const state = {
    id,
    pipeline,
    status: 'running',
    version: firstVersion,
    deliveries: 1,
    acceptedAt,
    finishedAt: undefined,
    ...noNote,
    stream: undefined
  } as const
  return createRecord(request, state, marks, undefined)
}
