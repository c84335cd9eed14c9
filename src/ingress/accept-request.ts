import { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Visit } from '../flow/request.ts'
import type { Serving } from '../flow/serving.ts'
import { currentOf } from './current-of.ts'
import { jsonAnswer, type Answer } from '../http/answer.ts'
import type { Accepted } from '../ledger/acceptance.ts'
import type { Records } from '../ledger/records.ts'
import type { NewRequest } from '../ledger/record/new-request.ts'
import type { StepRecord } from '../ledger/record/step-record.ts'
import type { StoredRequests } from '../stored/stored-requests.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import type { Arrival } from './arrival.ts'
import { arrivingRequest } from './arriving-request.ts'
import { checkExpiry } from './check-expiry.ts'
import { waitUntilFinished, isFinished } from '../stored/wait-until-finished.ts'
import { requireRecord } from '../stored/require-record.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { appliedPreference, readPreference, type Preference } from './preference.ts'
import { checkEncoding, receiveBatch, receiveEvent } from './receive.ts'
import { followStored } from './follow-stored.ts'
import { recordAnswer } from './record-answer.ts'
import { wantsEvents } from './wants-events.ts'
import { linksOf } from '../ledger/record/status-document.ts'
import type { Waiters } from '../stored/waiters.ts'

export interface AcceptDeps {
  /** The pipeline that is served under this name. */
  readonly find: (namespace: string, name: string) => Serving | undefined
  readonly store: () => Promise<StoredRequests>
  readonly tracer: Tracer
  readonly waiters: Waiters
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
  serving.checkReady()
  const body = await arrival.incoming.body(plan.limits.maxBodyBytes, arrival.share)
  if (body === undefined) return undefined
  const preference = readPreference(arrival.headers.get('prefer'))
  if (batchType.test(arrival.headers.get('content-type') ?? '')) {
    return acceptBatch(arrival, serving, body, preference, deps)
  }
  const idempotencyKey = readIdempotencyKey(arrival.headers.get('idempotency-key'))
  const one = { id: arrival.id, event: receive(arrival, plan, body), idempotencyKey }
  const refused = tellRefused(deps)
  const stored = await deps.store().catch(refused)
  // Only now the generation has the store's number.
  const current = currentOf(serving, deps)
  const request = arrivingRequest(arrival, current, one, deps.tracer)
  const isHeld = preference.respondAsync || plan.reply !== undefined
  const accepted =
    current.admission.gate === 'open' || isHeld
      ? await acceptOne(request, stored).catch(refused)
      : await findEnded(request, stored, current)
  checkKnown(accepted)
  arrival.requestId = accepted.id
  // The ledger has it now; where it is run from memory, its run counts it.
  arrival.share.set(0)
  if (wantsEvents(arrival.headers.get('accept'))) {
    const first = await stored.ledger.read(plan.pipeline, accepted.id).catch(nothingWhileAway)
    if (first !== nothing)
      return followStored(arrival, requireRecord(first, accepted.id), plan, stored.ledger, deps.waiters)
    return acceptedAnswer(accepted.id, plan, preference)
  }
  const waitMs = waitOf(preference, plan)
  if (waitMs === 0) return acceptedAnswer(accepted.id, plan, preference)
  return waitForOutcome(accepted, { waitMs, preference, arrival, plan, records: stored.ledger, waiters: deps.waiters })
}

/**
 * The request that this one repeats, and that has ended: a paused pipeline begins nothing for a caller who waits. Throws
 * PAUSED.
 */
async function findEnded(request: NewRequest, { ledger }: StoredRequests, { admission }: Serving): Promise<Accepted> {
  admission.checkOpen()
  const [known] = await ledger.accept([{ ...request, maxQueued: 0 }]).catch((thrown: unknown) => {
    throw thrown instanceof SluiceError && thrown.code === 'QUEUE_FULL' ? admission.refusal() : thrown
  })
  if (known?.kind !== 'known') throw admission.refusal()
  return known
}

/** A request that ends at its deadline is settled a moment later, in milliseconds. */
const settlingMs = 5_000

/** Waiting callers wait as long as they say; those of a pipeline that answers its caller, up to the deadline. */
function waitOf({ respondAsync, waitMs }: Preference, plan: Plan): number {
  if (waitMs !== undefined) return waitMs
  if (respondAsync || plan.reply !== undefined) return 0
  return plan.storedDeadlineMs === Infinity ? plan.deadlineMs : plan.deadlineMs + settlingMs
}

function receive({ incoming, headers, id }: Arrival, plan: Plan, body: Uint8Array): CloudEvent {
  const event = receiveEvent(incoming, headers, body, { id, source: plan.source, now: Date.now })
  checkExpiry(event, Date.now())
  return event
}

/** Claimed in the same write when there is room to run it at once. */
function acceptOne(request: NewRequest, { ledger, mover }: StoredRequests): Promise<Accepted> {
  const reservation = mover.reserve(request.pipeline)
  return ledger.accept([request], reservation?.lease).then(
    ([accepted]) => {
      reservation?.use(accepted?.kind === 'accepted' ? accepted.claimed : undefined)
      if (accepted === undefined) throw new Error('the ledger accepted one request and answered none')
      return accepted
    },
    (thrown: unknown) => {
      reservation?.use(undefined)
      throw thrown
    }
  )
}

async function acceptBatch(
  arrival: Arrival,
  serving: Serving,
  body: Uint8Array,
  { respondAsync }: Preference,
  deps: AcceptDeps
): Promise<Answer> {
  const { plan } = serving
  const key = readIdempotencyKey(arrival.headers.get('idempotency-key'))
  const events = receiveBatch(arrival.incoming, body, plan.limits.maxBatch)
  const now = Date.now()
  for (const event of events) checkExpiry(event, now)
  const refused = tellRefused(deps)
  const { ledger } = await deps.store().catch(refused)
  const requests = events.map((event, i) =>
    arrivingRequest(
      arrival,
      serving,
      { id: createRequestId(), event, idempotencyKey: key && JSON.stringify([key, i]) },
      deps.tracer
    )
  )
  const accepted = await ledger.accept(requests).catch(refused)
  accepted.forEach(checkKnown)
  const items = accepted.map(({ id }) => ({ id, status: 'accepted', links: linksOf(plan.pipeline, id) }))
  // Nobody waits for the replies of a batch, however long its caller would.
  return jsonAnswer(202, { items }, preferenceHeaders({ respondAsync, waitMs: undefined }))
}

/** The refusals that are no fault of the request: there is no room for it, or the store is away. */
const shedCodes: ReadonlySet<string> = new Set(['QUEUE_FULL', 'STORE_UNAVAILABLE'])

/** Counts what was refused before it was accepted; what fails afterwards is none of it. */
const tellRefused =
  ({ shed }: AcceptDeps) =>
  (thrown: unknown): never => {
    if (thrown instanceof SluiceError && shedCodes.has(thrown.code)) shed(thrown.code)
    throw thrown
  }

function checkKnown(accepted: Accepted): void {
  if (accepted.kind === 'accepted' || accepted.sameFingerprint) return
  // The other request is not named: whoever guessed its key could read its reply.
  throw new SluiceError(
    'IDEMPOTENCY_MISMATCH',
    'the key, or the source and id of the event, came with another body before'
  )
}

interface Waited {
  readonly waitMs: number
  readonly preference: Preference
  readonly arrival: Arrival
  readonly plan: Plan
  readonly records: Records
  readonly waiters: Waiters
}

async function waitForOutcome(
  accepted: Accepted,
  { waitMs, preference, arrival, plan, records, waiters }: Waited
): Promise<Answer | undefined> {
  const { id } = accepted
  const { pipeline } = plan
  if (accepted.kind === 'known' && !preference.respondAsync) {
    const record = await records.read(pipeline, id).catch(nothingWhileAway)
    if (typeof record === 'object' && !isFinished(record)) {
      throw new SluiceError('IDEMPOTENCY_IN_FLIGHT', `the request ${id} with this key is still running`)
    }
  }
  const seen = accepted.kind === 'accepted' ? accepted.claimed?.record : undefined
  const waiting = waitUntilFinished({ records, waiters, pipeline, id, ending: arrival.gone, waitMs, seen })
  const record = await waiting.catch(nothingWhileAway)
  if (typeof record === 'object') arrival.visits.push(...record.steps.map(visitOf))
  const answer =
    typeof record === 'object' ? recordAnswer(record, arrival.headers.get('accept'), arrival.path) : undefined
  return answer ?? acceptedAnswer(id, plan, preference)
}

/**
 * The request is accepted, whatever becomes of the store: its caller gets 202, and would send it twice if it were 503.
 */
function nothingWhileAway(thrown: unknown): typeof nothing {
  if (!(thrown instanceof SluiceError && thrown.code === 'STORE_UNAVAILABLE')) throw thrown
  return nothing
}

/** Read of a store that is away. */
const nothing = Symbol('nothing')

const visitOf = ({ name, path, status, attempts, startedAt, finishedAt }: StepRecord): Visit => ({
  step: name,
  path,
  outcome: status,
  attempts,
  durationMs: finishedAt - startedAt,
  finishedAt
})

function acceptedAnswer(id: string, { pipeline }: Plan, preference: Preference): Answer {
  const links = linksOf(pipeline, id)
  const headers = ['location', links.self, ...preferenceHeaders(preference)]
  return jsonAnswer(202, { id, status: 'accepted', links }, headers)
}

function preferenceHeaders(preference: Preference): readonly string[] {
  const applied = appliedPreference(preference)
  return applied === '' ? [] : ['preference-applied', applied]
}
