import { shouldHold } from '../delivery/should-hold.ts'
import { SluiceError, toldText } from '../errors.ts'
import type { Marks } from '../flow/mark.ts'
import { rootPath } from '../pipeline/paths.ts'
import { tellEnded } from '../flow/ended-trip.ts'
import type { Request } from '../flow/request.ts'
import type { RunOutcome } from '../flow/run.ts'
import type { Serving } from '../flow/serving.ts'
import { tellOutcome } from '../flow/traced.ts'
import type { Failure, Settlement } from '../ledger/record/settlement.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { StepRecord } from '../ledger/record/step-record.ts'
import type { Note } from '../ledger/record/note.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { heldFor, holdMs } from './held-for.ts'
import { writeUntilTaken } from './write-until-taken.ts'
import type { InFlightRequest } from './in-flight-request.ts'
import { failureOf, settlementOf } from './settlement.ts'
import { placesIn, standingAt, standingIn, type NextNode } from './standing.ts'
import { startRequest, type StartRequestDeps } from './start-request.ts'
import { deadlineOf, giveUpReason } from './give-up-reason.ts'

/** The lesson of a run for its lane. */
export type Carried =
  | { readonly kind: 'ended' }
  /** Put back: a breaker is open, or a step is not there yet. */
  | { readonly kind: 'held'; readonly delayMs: number; readonly waiting: Waiting }
  /** Handed back, or taken away. */
  | { readonly kind: 'left' }

export interface CarryOutDeps extends StartRequestDeps {
  readonly metrics: Metrics
}

/** A request whose pipeline, or its definition, is not to be had now looks again this soon, in milliseconds. */
const unknownPipelineMs = 5_000

/**
 * Runs one claimed request from its last checkpoint to its settlement, or puts it back. Its outcome is counted by who
 * settles it: here when the ledger took the settlement, and never when the request was cancelled or the claim is lost.
 */
export async function carryOut(
  entry: InFlightRequest,
  serving: Serving | undefined,
  deps: CarryOutDeps,
  putsBack: (pipeline: string) => boolean
): Promise<Carried> {
  const { claimed } = entry
  if (serving === undefined) {
    const { waiting, told } = claimed.record
    return putBack(entry, unknownPipelineMs, deps, { waiting, steps: told?.steps ?? [] })
  }
  entry.place.start()
  const marks = standingIn(serving.plan, claimed.record, claimed.record.generation === serving.generation)
  if (marks === undefined) return settle(entry, changedSettlement(claimed.record, serving.plan), deps)
  const run = beginRun(entry, serving, marks, deps)
  let outcome: RunOutcome
  try {
    outcome = await run.ended
  } finally {
    serving.ended()
  }
  const runMs = performance.now() - run.startedAt
  if (outcome.kind === 'failed' && shouldHold(outcome.error)) {
    run.request.span.end({ 'sluice.outcome': 'held' })
    // With a deadline it is looked at again when that has passed, at the latest.
    const leftMs = Math.max(0, deadlineOf(claimed.record, serving.plan) - Date.now())
    const delayMs = Math.min(holdMs(outcome.error), leftMs)
    const waiting = heldFor(outcome.error, delayMs, claimed.record.waiting)
    await putBack(entry, delayMs, deps, { waiting, steps: heldSteps(entry, serving.plan) })
    return { kind: 'held', delayMs, waiting }
  }
  tellOutcome(run.request.span, outcome)
  run.request.span.end()
  if (outcome.kind === 'cancelled') {
    const note = { waiting: undefined, steps: entry.watch.untold }
    if (!putsBack(claimed.pipeline)) return leave(entry, note, deps)
    if (serving.admission.isCut) serving.admission.countCut()
    return putBack(entry, 0, deps, note)
  }
  const streamed = entry.stream?.isBegun === true ? await entry.stream.end() : undefined
  const settlement = settlementOf(outcome, serving.plan, stepsOf(claimed.record), entry.visits, streamed)
  return settle(entry, settlement, deps, () => {
    const { id: requestId, record } = claimed
    const totalMs = Math.max(runMs, Date.now() - record.acceptedAt)
    tellEnded(
      { mode: 'async', outcome: outcome.kind, visits: entry.visits, runMs, totalMs, requestId },
      serving,
      deps.log
    )
  })
}

/** Without steps inside steps, the one that is held is the one that is next. */
const heldSteps = ({ watch }: InFlightRequest, { flow }: Plan): Note['steps'] =>
  flow.some(node => 'bodies' in node) ? watch.untold : []

/** Ends the request in the ledger, and tells of it when it was ended here. */
async function settle(
  entry: InFlightRequest,
  settlement: Settlement,
  deps: CarryOutDeps,
  tell?: () => void
): Promise<Carried> {
  entry.step = undefined
  const full = entry.place.toOutput()
  if (full !== undefined) await full
  const settled = await writeUntilTaken(() => deps.ledger.settle(entry.claimed, settlement), entry.stop, deps.log)
  if (settled === true) {
    tell?.()
    if (settlement.status === 'failed') tellDeadLetter(entry, settlement.failure, deps)
  }
  return { kind: 'ended' }
}

const stepsOf = ({ marks }: RequestRecord): readonly StepRecord[] =>
  marks.size === 0 ? [] : [...marks.values()].flatMap(({ steps }) => steps)

/** The steps behind the request are not those of the plan: to go on could skip one, or run one twice. */
function changedSettlement(record: RequestRecord, { pipeline }: Plan): Settlement {
  const steps = stepsOf(record)
  const behind = steps.map(({ name }) => name).join(', ')
  const message = `${pipeline} was changed while the request was under way, and is not known any more as it was: it has behind it ${behind === '' ? 'steps whose names are not known' : behind}; replay it with from=start`
  const error = new SluiceError('PIPELINE_CHANGED', message, { facts: { pipeline } })
  return { status: 'failed', failure: failureOf(error, placesIn(record)), steps }
}

interface BegunRun {
  readonly request: Request
  /** On the clock of `performance.now()`. */
  readonly startedAt: number
  readonly ended: Promise<RunOutcome>
}

function beginRun(entry: InFlightRequest, serving: Serving, marks: Marks, deps: CarryOutDeps): BegunRun {
  const { record } = entry.claimed
  const { plan } = serving
  const request = startRequest(entry, serving, deps)
  const startedAt = performance.now()
  serving.began()
  const standing = standingAt(plan.flow, marks, record.event)
  entry.step = standing?.node.kind === 'reply' ? undefined : standing?.node.name
  const over = giveUpReason(record, plan, standing?.node)
  const ended =
    over === undefined || standing === undefined
      ? serving.run(request, marks)
      : giveUp(over, standing, marks, request, serving)
  return { request, startedAt, ended }
}

/**
 * The node that would have been next counts as the one that failed, a step or the delivery of the reply, and its sink
 * gets what it would have got.
 */
async function giveUp(
  error: SluiceError,
  { node, event }: NextNode,
  marks: Marks,
  request: Request,
  serving: Serving
): Promise<RunOutcome> {
  await serving.sendDeadLetter(node, event, error, request)
  const [first] = serving.plan.flow
  const start = { next: first?.name ?? node.name, event: request.original, replies: new Map(), ended: undefined }
  const root = marks.get(rootPath) ?? start
  return { kind: 'failed', error, marks: new Map([[rootPath, root], ...marks]), letter: undefined }
}

function tellDeadLetter({ claimed, visits }: InFlightRequest, failure: Failure, { metrics, log }: CarryOutDeps): void {
  const { pipeline, id, record } = claimed
  const { code, message, step, attempts } = failure
  const upstreamBody = toldText(failure.upstreamBody)
  metrics.deadLettered(pipeline, code)
  const durationMs = Date.now() - record.acceptedAt
  const told = { pipeline, outcome: 'failed', durationMs, steps: visits, requestId: id }
  const fields = { ...told, code, step, attempts, reason: message, upstreamBody }
  log.warn(fields, 'a stored request failed for good and is kept as a dead letter')
}

/** Takes the delivery back: it was not the fault of the request. */
async function putBack(entry: InFlightRequest, delayMs: number, deps: CarryOutDeps, note?: Note): Promise<Carried> {
  const release = () => deps.ledger.release(entry.claimed, { delayMs, spent: false, note })
  const released = await writeUntilTaken(release, AbortSignal.timeout(10_000), deps.log)
  return released === false && note !== undefined ? leave(entry, note, deps) : { kind: 'left' }
}

/** The claim is lost. Where the request was cancelled, nobody else knows how far its steps were. */
async function leave({ claimed }: InFlightRequest, note: Note, { ledger, log }: CarryOutDeps): Promise<Carried> {
  await ledger.tell(claimed, note).catch((thrown: unknown) => {
    log.debug({ requestId: claimed.id, err: thrown }, 'the last steps of a request that was taken away are not told')
  })
  return { kind: 'left' }
}
