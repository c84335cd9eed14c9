import { jsonAnswer, type Answer } from '../http/answer.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { requestDocument, type ViewOf } from '../mover/request-view.ts'
import { isFinished } from '../stored/is-finished.ts'
import type { StreamPlace } from '../stored/news.ts'
import type { StoredRequests } from '../stored/stored-requests.ts'
import type { Arrival } from './arrival.ts'
import { followReply, takesStreams } from './followed-reply.ts'
import { readPreference } from './preference.ts'
import { recordAnswer } from './record-answer.ts'
import { timingSoFar } from './server-timing.ts'
import { streamEvents } from './stream-events.ts'

export interface RequestRouteDeps {
  /** Opens the store, if it is not open yet. Throws STORE_UNAVAILABLE. */
  readonly store: () => Promise<{ readonly requests: StoredRequests }>
  readonly viewOf: ViewOf
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
  const { requests } = await deps.store()
  if (waitMs !== undefined) await requests.readFinished({ pipeline, id, ending: arrival.gone, waitMs })
  const view = deps.viewOf(pipeline, id)
  const record = await requests.read(pipeline, id)
  arrival.requestId = id
  return jsonAnswer(200, requestDocument(record, view))
}

/** `GET …/requests/{id}/reply`: what a waiting caller would have got; of one that streams what there is, and the rest as it comes. */
export async function requestReplyAnswer(
  arrival: Arrival,
  { pipeline, id }: RequestPath,
  { store }: RequestRouteDeps
): Promise<Answer | undefined> {
  const { memory } = arrival.share
  if (!memory.hasRoom(1)) throw memory.refusal()
  const { requests } = await store()
  const record = await requests.read(pipeline, id)
  arrival.requestId = id
  if (record.stream !== undefined && !isFinished(record) && takesStreams(arrival)) {
    return followReply(arrival, requests.news(record, undefined, arrival.gone))
  }
  const answer = recordAnswer(record, arrival.headers.get('accept'), arrival.path)
  return answer ?? jsonAnswer(202, { id, status: record.status }, ['retry-after', replyRetrySeconds])
}

/** `DELETE …/requests/{id}`: cancels, if it is not over yet. */
export async function cancelAnswer(
  arrival: Arrival,
  { pipeline, id }: RequestPath,
  deps: RequestRouteDeps
): Promise<Answer> {
  const { requests } = await deps.store()
  const view = deps.viewOf(pipeline, id)
  const record = await requests.cancel(pipeline, id)
  arrival.requestId = id
  return jsonAnswer(200, requestDocument(record, view))
}

/**
 * `GET …/requests/{id}/events`: the status document at each change, and what a reply streams, as server-sent events, until
 * the end.
 */
export async function eventsAnswer(
  arrival: Arrival,
  { pipeline, id }: RequestPath,
  deps: RequestRouteDeps
): Promise<Answer | undefined> {
  const { requests } = await deps.store()
  const first = await requests.read(pipeline, id)
  arrival.requestId = id
  const lastEventId = arrival.headers.get('last-event-id')
  const place = seenPlace(lastEventId)
  const after = place === undefined || isFinished(first) ? seenVersion(lastEventId, first) : first.version
  if (isFinished(first) && first.version <= after) return nothingMore
  arrival.outgoing.setHeader('server-timing', timingSoFar(arrival))
  await streamEvents(arrival.outgoing, {
    id,
    news: requests.news(first, place, arrival.gone),
    after,
    hasPieces: place !== undefined,
    document: record => requestDocument(record, deps.viewOf(pipeline, id)),
    withReply: false
  })
  return undefined
}

/** The status that keeps an `EventSource` from connecting again. */
const nothingMore: Answer = { status: 204, headers: [], body: undefined }

/** An id that no event of ours has means that nothing was seen. */
function seenVersion(lastEventId: string | undefined, { version }: RequestRecord): number {
  const seen = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0
  return seen > version ? 0 : seen
}

/** `{run}-{offset}`: how much of a stream was seen. */
function seenPlace(lastEventId = ''): StreamPlace | undefined {
  const [, run, offset] = /^(\d{1,15})-(\d{1,15})$/.exec(lastEventId) ?? []
  return run === undefined ? undefined : { run: Number(run), offset: Number(offset) }
}
