import type { CloudEvent } from '../event/event.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Visit } from '../flow/request.ts'
import { checkInput } from '../flow/contracted-ends.ts'
import type { Serving } from '../flow/serving.ts'
import { readTags, tagHeader } from '../flow/traffic/picked-tags.ts'
import type { Answer } from '../http/answer.ts'
import type { Accepted } from '../ledger/acceptance.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import { requestDocument, type ViewOf } from '../mover/request-view.ts'
import { visitOf } from '../mover/visits.ts'
import type { Plan } from '../pipeline/plan.ts'
import { isFinished } from '../stored/is-finished.ts'
import type { StoredRequests } from '../stored/stored-requests.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import { acceptedAnswer, acceptedBatchAnswer } from './accepted-answer.ts'
import type { Arrival } from './arrival.ts'
import { arrivingRequest } from './arriving-request.ts'
import { checkExpiry } from './check-expiry.ts'
import { currentOf } from './current-of.ts'
import { followReply, takesStreams } from './followed-reply.ts'
import { followRequest } from './followed-request.ts'
import { holdMsOf } from './hold-ms.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { readPreference, type Preference } from './preference.ts'
import { checkEncoding, receiveBatch, receiveEvent } from './receive.ts'
import { recordAnswer } from './record-answer.ts'
import type { RecordEvents } from './stream-events.ts'
import { tellShed } from './tell-shed.ts'
import { wantsEvents } from './wants-events.ts'

export interface AcceptDeps {
  /** The pipeline that is served under this name. */
  readonly find: (namespace: string, name: string) => Serving | undefined
  /** Opens the store, if it is not open yet. Throws STORE_UNAVAILABLE. */
  readonly store: () => Promise<{ readonly requests: StoredRequests }>
  readonly tracer: Tracer
  readonly viewOf: ViewOf
  /** Told of what the store refuses, by its code. */
  readonly shed: (reason: string) => void
}

const batchType = /^application\/cloudevents-batch/i

/** Whether the request is accepted into the ledger; every other one lives in memory. */
export function isStored({ headers }: Arrival, { reply, requests }: Plan): boolean {
  if (reply !== undefined || requests.stored || headers.has('idempotency-key')) return true
  return readPreference(headers.get('prefer')).respondAsync || batchType.test(headers.get('content-type') ?? '')
}

/** Accepts into the ledger, then answers: 202 at once, or what the request comes to if the caller waits for it. */
export async function acceptRequest(arrival: Arrival, serving: Serving, deps: AcceptDeps): Promise<Answer | undefined> {
  const { plan } = serving
  checkEncoding(arrival.headers)
  serving.checkAcceptable()
  readTags(arrival.headers.get(tagHeader), plan)
  const body = await arrival.incoming.body(plan.limits.maxBodyBytes, arrival.share)
  if (body === undefined) return undefined
  if (batchType.test(arrival.headers.get('content-type') ?? '')) return acceptBatch(arrival, serving, body, deps)
  const preference = readPreference(arrival.headers.get('prefer'))
  const idempotencyKey = readIdempotencyKey(arrival.headers.get('idempotency-key'))
  const one = { id: arrival.id, event: receive(arrival, plan, body), idempotencyKey }
  const refused = tellShed(deps)
  const { requests } = await deps.store().catch(refused)
  // Only now the generation has the store's number.
  const current = currentOf(serving, deps)
  const request = arrivingRequest(arrival, current, one, deps.tracer)
  const waits = !preference.respondAsync && plan.reply === undefined
  const accepted = await requests.accept(request, { admission: current.admission, waits }).catch(refused)
  arrival.requestId = accepted.id
  // The ledger has it now; where it is run from memory, its run counts it.
  arrival.share.set(0)
  return answerAccepted(accepted, { arrival, plan, preference, requests, viewOf: deps.viewOf })
}

async function acceptBatch(arrival: Arrival, serving: Serving, body: Uint8Array, deps: AcceptDeps): Promise<Answer> {
  const { plan } = serving
  const key = readIdempotencyKey(arrival.headers.get('idempotency-key'))
  const events = receiveBatch(arrival.incoming, body, plan.limits.maxBatch)
  const now = Date.now()
  for (const event of events) {
    checkExpiry(event, now)
    checkInput(plan, event)
  }
  const refused = tellShed(deps)
  const { requests } = await deps.store().catch(refused)
  const arriving = events.map((event, i) => {
    const one = { id: createRequestId(), event, idempotencyKey: key && JSON.stringify([key, i]) }
    return arrivingRequest(arrival, serving, one, deps.tracer)
  })
  const accepted = await requests.acceptAll(arriving).catch(refused)
  const ids = accepted.map(({ id }) => id)
  return acceptedBatchAnswer(ids, plan.pipeline, readPreference(arrival.headers.get('prefer')))
}

function receive({ incoming, headers, id }: Arrival, plan: Plan, body: Uint8Array): CloudEvent {
  const event = receiveEvent(incoming, headers, body, { id, source: plan.source, now: Date.now })
  checkExpiry(event, Date.now())
  checkInput(plan, event)
  return event
}

interface Asked {
  readonly arrival: Arrival
  readonly plan: Plan
  readonly preference: Preference
  readonly requests: StoredRequests
  readonly viewOf: ViewOf
}

/** As the caller wants it: followed in events, at once, or when the request has come to its end. */
function answerAccepted(accepted: Accepted, asked: Asked): Answer | Promise<Answer | undefined> {
  const { arrival, plan, preference } = asked
  if (wantsEvents(arrival.headers.get('accept'))) return follow(accepted.id, asked)
  const waitMs = waitOf(preference, plan)
  return waitMs === 0 ? acceptedAnswer(accepted.id, plan.pipeline, preference) : waitFor(accepted, waitMs, asked)
}

/** The events of the request, like `GET …/requests/{id}/events`, then its reply; or a reply that streams events itself. */
async function follow(id: string, { arrival, plan, preference, requests, viewOf }: Asked): Promise<Answer | undefined> {
  const { pipeline } = plan
  const first = await requests.readAccepted(pipeline, id)
  if (first === undefined) return acceptedAnswer(id, pipeline, preference)
  const events: RecordEvents = {
    id,
    news: requests.news(first, undefined, arrival.gone),
    after: 0,
    hasPieces: false,
    document: record => requestDocument(record, viewOf(pipeline, id)),
    withReply: true
  }
  return followRequest(arrival, events, takesStreams(arrival) ? holdMsOf(plan) : 0)
}

/** A request that ends at its deadline is settled a moment later, in milliseconds. */
const settlingMs = 5_000

/** Waiting callers wait as long as they say; those of a pipeline that answers its caller, up to the deadline. */
function waitOf({ respondAsync, waitMs }: Preference, plan: Plan): number {
  if (waitMs !== undefined) return waitMs
  if (respondAsync || plan.reply !== undefined) return 0
  return plan.storedDeadlineMs === Infinity ? plan.deadlineMs : plan.deadlineMs + settlingMs
}

async function waitFor(
  accepted: Accepted,
  waitMs: number,
  { arrival, plan: { pipeline }, preference, requests, viewOf }: Asked
): Promise<Answer | undefined> {
  const streams = takesStreams(arrival)
  const wait = { pipeline, waitMs, ending: arrival.gone, joins: preference.respondAsync, streams }
  const record = await requests.outcomeOf(accepted, wait)
  if (record === undefined) return acceptedAnswer(accepted.id, pipeline, preference)
  if (streams && record.stream !== undefined && !isFinished(record) && !arrival.gone.aborted) {
    arrival.visits.push(...record.steps.map(visitOf), ...runningVisits(viewOf(pipeline, record.id).live))
    return followReply(arrival, requests.news(record, undefined, arrival.gone))
  }
  arrival.visits.push(...record.steps.map(visitOf))
  const answer = recordAnswer(record, arrival.headers.get('accept'), arrival.path)
  return answer ?? acceptedAnswer(accepted.id, pipeline, preference)
}

/** The steps that run here, of which the one that streams is the last: their time is that until now. */
const runningVisits = (live: readonly StepNow[] | undefined): readonly Visit[] =>
  (live ?? []).flatMap(({ name: step, path, status, attempts, startedAt }) => {
    if (status !== 'running' || startedAt === undefined) return []
    const now = Date.now()
    return [{ step, path, attempts, outcome: 'replied', durationMs: now - startedAt, finishedAt: now }]
  })
