import type { Deliver } from '../delivery/deliver.ts'
import { isHeld } from '../delivery/is-held.ts'
import { toldText, type SluiceError } from '../errors.ts'
import type { Position, Request } from '../flow/request.ts'
import type { RunOutcome } from '../flow/run.ts'
import type { Serving } from '../flow/serving.ts'
import type { Claim, Failure } from '../ledger/ledger.ts'
import type { Waiting } from '../ledger/waiting.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { heldFor } from './held-for.ts'
import { persist } from './persist.ts'
import type { RunEntry } from './run-entry.ts'
import { settlementOf } from './settlement.ts'
import { ShownCall } from './shown-call.ts'
import { startRequest, type StartRequestDeps } from './start-request.ts'
import { deadlineOf, whyOver } from './why-over.ts'

/** What a run teaches its lane. */
export type Carried =
  | { readonly kind: 'ended' }
  /** Put back: a breaker is open, or a step is not there yet. */
  | { readonly kind: 'held'; readonly delayMs: number; readonly waiting: Waiting }
  /** Handed back, or taken away. */
  | { readonly kind: 'left' }

export interface CarryOutDeps extends StartRequestDeps {
  readonly metrics: Metrics
}

/** Put back without a better time known, in milliseconds. */
const heldMs = 1_000
/** A request of a pipeline that is not served here any more looks again this soon, in milliseconds. */
const unknownPipelineMs = 5_000

/**
 * Runs one claimed request from its last checkpoint to its settlement, or puts it back. Its outcome is counted by who
 * settles it: here when the ledger took the settlement, and never when the request was cancelled or the claim is lost.
 */
export async function carryOut(
  entry: RunEntry,
  serving: Serving | undefined,
  deps: CarryOutDeps,
  closing: () => boolean
): Promise<Carried> {
  const { claimed } = entry
  if (serving === undefined) return putBack(entry, unknownPipelineMs, deps)
  entry.place.start()
  const run = beginRun(entry, serving, deps)
  let outcome: RunOutcome
  try {
    outcome = await run.ended
  } finally {
    serving.metrics.ran()
  }
  const totalMs = performance.now() - run.startedAt
  if (outcome.kind === 'failed' && isHeld(outcome.error)) {
    run.request.span.end({ 'sluice.outcome': 'held' })
    // With a deadline it is looked at again when that has passed, at the latest.
    const leftMs = Math.max(0, deadlineOf(claimed.record, serving.plan) - Date.now())
    const delayMs = Math.min(outcome.error.facts.retryAfterMs ?? heldMs, leftMs)
    const waiting = heldFor(outcome.error, delayMs, claimed.record.waiting)
    await putBack(entry, delayMs, deps, waiting)
    return { kind: 'held', delayMs, waiting }
  }
  endSpan(outcome, run.request.span)
  if (outcome.kind === 'cancelled') return closing() ? putBack(entry, 0, deps) : { kind: 'left' }
  const full = entry.place.toOutput()
  if (full !== undefined) await full
  const settlement = settlementOf(outcome, claimed.record.progress?.steps ?? [], entry.visits)
  const settled = await persist(() => deps.ledger.settle(claimed, settlement), entry.stop, deps.log)
  if (settled === true) {
    tellSettled(outcome.kind, entry, serving, totalMs)
    if (settlement.status === 'failed') tellDeadLetter(claimed, settlement.failure, deps)
  }
  return { kind: 'ended' }
}

interface BegunRun {
  readonly request: Request
  /** On the clock of `performance.now()`. */
  readonly startedAt: number
  readonly ended: Promise<RunOutcome>
}

function beginRun(entry: RunEntry, serving: Serving, deps: CarryOutDeps): BegunRun {
  const { record } = entry.claimed
  const position = record.progress ?? { next: 0, event: record.event, replies: new Map() }
  const request = startRequest(entry, serving, deps)
  const startedAt = performance.now()
  serving.metrics.started()
  const over = whyOver(record, serving.plan, position)
  const ran = over === undefined ? serving.run(position, request) : giveUp(over, position, request, serving)
  const { deliverReply } = serving
  const ended =
    deliverReply === undefined ? ran : ran.then(outcome => reply(outcome, request, entry, serving, deliverReply))
  return { request, startedAt, ended }
}

function endSpan(outcome: RunOutcome, span: Request['span']): void {
  if (outcome.kind === 'failed') span.fail(outcome.error.code, outcome.error.message)
  span.end({ 'sluice.outcome': outcome.kind })
}

function tellSettled(
  outcome: Exclude<RunOutcome['kind'], 'cancelled'>,
  { visits, claimed }: RunEntry,
  { metrics }: Serving,
  totalMs: number
): void {
  const inSteps = visits.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const sinceAcceptance = Math.max(totalMs, Date.now() - claimed.record.acceptedAt)
  metrics.settled(outcome, sinceAcceptance / 1000, Math.max(0, totalMs - inSteps) / 1000)
}

/**
 * What would have been next counts as what failed, a step or the delivery of the reply, and its sink gets what it would
 * have got.
 */
async function giveUp(error: SluiceError, at: Position, request: Request, serving: Serving): Promise<RunOutcome> {
  await serving.bury(at, error, request)
  return { kind: 'failed', error, at }
}

/** The reply of a pipeline with `spec.reply` goes to its destination before the request is settled as replied. */
async function reply(
  outcome: RunOutcome,
  request: Request,
  { place, calls }: RunEntry,
  serving: Serving,
  deliverReply: Deliver
): Promise<RunOutcome> {
  if (outcome.kind !== 'replied') return outcome
  const { event } = outcome
  await place.toOutput()
  const { id: requestId, original, signal, deadline, headers, span } = request
  const call = { requestId, original, signal, deadline, headers, span, attempts: { count: 0 }, passOn: undefined }
  using showing = new DisposableStack()
  showing.use(new ShownCall(calls, { step: undefined, attempts: call.attempts }))
  const delivered = await deliverReply(event, call)
  switch (delivered.kind) {
    case 'failed':
      return giveUp(delivered.error, { next: serving.plan.steps.length, event, replies: new Map() }, request, serving)
    case 'cancelled':
      return delivered
    case 'reply':
    case 'empty':
      return outcome
  }
}

function tellDeadLetter({ pipeline, id }: Claim, failure: Failure, { metrics, log }: CarryOutDeps): void {
  const { code, message, step, attempts } = failure
  const upstreamBody = toldText(failure.upstreamBody)
  metrics.deadLettered(pipeline, code)
  const fields = { pipeline, requestId: id, code, step, attempts, reason: message, upstreamBody }
  log.warn(fields, 'a stored request failed for good and is kept as a dead letter')
}

/** Takes the delivery back: it was not the fault of the request. */
async function putBack(
  entry: RunEntry,
  delayMs: number,
  { ledger, log }: CarryOutDeps,
  waiting?: Waiting
): Promise<Carried> {
  const release = () => ledger.release(entry.claimed, { delayMs, spent: false, waiting })
  await persist(release, AbortSignal.timeout(10_000), log)
  return { kind: 'left' }
}
