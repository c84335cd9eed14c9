import { jsonAnswer, type Answer } from '../http/answer.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { statusDocument, type StatusDocument } from '../ledger/record/status-document.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { StoredRequests } from '../stored/stored-requests.ts'
import type { Arrival } from './arrival.ts'
import { isFinished, waitUntilFinished } from '../stored/wait-until-finished.ts'
import { requireRecord } from '../stored/require-record.ts'
import { readPreference } from './preference.ts'
import { recordAnswer } from './record-answer.ts'
import { streamEvents } from './stream-events.ts'
import type { Waiters } from '../stored/waiters.ts'

export interface RequestRouteDeps {
  readonly store: () => Promise<StoredRequests>
  readonly waiters: Waiters
  /** The name of the pipeline's first step; `undefined`: the pipeline is not served here. */
  readonly firstStepOf: (pipeline: string) => string | undefined
  /** The reason why this replica begins no more requests of the pipeline; `undefined`: it does. */
  readonly holdOf: (pipeline: string) => Waiting | undefined
  /** Stops the run of the request, if it is one of this gateway. */
  readonly cancelled: (pipeline: string, id: string) => void
}

/** One stored request, as the path names it. */
export interface RequestPath {
  /** `namespace/name`. */
  readonly pipeline: string
  readonly id: string
}

/** Seconds after which a look at an unfinished reply makes sense. */
const replyRetrySeconds = '1'

/** `GET …/requests/{id}`: the status document; with `Prefer: wait=N` once the request is finished. */
export async function statusAnswer(
  arrival: Arrival,
  { pipeline, id }: RequestPath,
  deps: RequestRouteDeps
): Promise<Answer> {
  const { waitMs } = readPreference(arrival.headers.get('prefer'))
  const { ledger } = await deps.store()
  const found =
    waitMs === undefined
      ? await ledger.read(pipeline, id)
      : await waitUntilFinished({ records: ledger, waiters: deps.waiters, pipeline, id, ending: arrival.gone, waitMs })
  return jsonAnswer(200, documentOf(recordFor(arrival, found, id), deps))
}

/** `GET …/requests/{id}/reply`: what a waiting caller would have got. */
export async function requestReplyAnswer(
  arrival: Arrival,
  { pipeline, id }: RequestPath,
  { store }: RequestRouteDeps
): Promise<Answer> {
  const { memory } = arrival.share
  if (!memory.hasRoom(1)) throw memory.refusal()
  const { ledger } = await store()
  const record = recordFor(arrival, await ledger.read(pipeline, id), id)
  const answer = recordAnswer(record, arrival.headers.get('accept'), arrival.path)
  return answer ?? jsonAnswer(202, { id, status: record.status }, ['retry-after', replyRetrySeconds])
}

/** `DELETE …/requests/{id}`: cancels, if it is not over yet. */
export async function cancelAnswer(
  arrival: Arrival,
  { pipeline, id }: RequestPath,
  deps: RequestRouteDeps
): Promise<Answer> {
  const { ledger } = await deps.store()
  const ended = await ledger.cancel(pipeline, id)
  // Other replicas learn of it when they renew their claims.
  if (ended === 'cancelled') deps.cancelled(pipeline, id)
  const record = recordFor(arrival, await ledger.read(pipeline, id), id)
  return jsonAnswer(200, documentOf(record, deps))
}

/** `GET …/requests/{id}/events`: the status document at each change, as server-sent events, until the end. */
export async function eventsAnswer(
  arrival: Arrival,
  { pipeline, id }: RequestPath,
  deps: RequestRouteDeps
): Promise<Answer | undefined> {
  const { ledger } = await deps.store()
  const first = recordFor(arrival, await ledger.read(pipeline, id), id)
  const after = seenVersion(arrival.headers.get('last-event-id'), first)
  if (isFinished(first) && first.version <= after) return nothingMore
  await streamEvents(arrival.outgoing, {
    gone: arrival.gone,
    first,
    after,
    next: (version, signal) => ledger.wait(pipeline, id, version, signal),
    document: record => documentOf(record, deps),
    withReply: false,
    waiters: deps.waiters
  })
  return undefined
}

const documentOf = (record: RequestRecord, { firstStepOf, holdOf }: RequestRouteDeps): StatusDocument =>
  statusDocument(record, firstStepOf(record.pipeline), holdOf(record.pipeline))

/** The record that is there, which the answer is about. Throws REQUEST_NOT_FOUND or REQUEST_EXPIRED. */
function recordFor(arrival: Arrival, found: RequestRecord | 'expired' | undefined, id: string): RequestRecord {
  const record = requireRecord(found, id)
  arrival.requestId = id
  return record
}

/** The status that keeps an `EventSource` from connecting again. */
const nothingMore: Answer = { status: 204, headers: [], body: undefined }

/** An id that is none of an event of ours means that nothing was seen. */
function seenVersion(lastEventId: string | undefined, { version }: RequestRecord): number {
  const seen = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0
  return seen > version ? 0 : seen
}
