import type { Call, Deliver, Delivered, DeliveryPolicy } from '../delivery/deliver.ts'
import { shouldHold } from '../delivery/should-hold.ts'
import { toldText, type SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { Request, Visit, VisitOutcome } from './request.ts'
import type { RunBranch } from './branch-outcome.ts'
import { around, runSafely, runThen, type Stage, type StagePolicy, type StageReport } from './stage.ts'

/** For deliveries that are no step's: neither counted nor spanned. */
export const unseen = { attempted: undefined, judged: undefined, traced: undefined } as const

/** Spans each attempt. */
export const tracedAttempt =
  (step: string): DeliveryPolicy =>
  next =>
  (event, call) =>
    call.span.recording ? spannedAttempt(step, next, event, call) : next(event, call)

async function spannedAttempt(step: string, next: Deliver, event: CloudEvent, call: Call): Promise<Delivered> {
  const { count } = call.attempts
  const again = count > 0 && { 'http.request.resend_count': count }
  const attributes = { 'sluice.step': step, 'sluice.attempt': count + 1, ...again }
  const span = call.span.child(`POST ${step}`, 'client', attributes)
  const delivered = await next(event, { ...call, span })
  endSpan(span, delivered)
  return delivered
}

/** Names the step in its failures, and tells its visit to the request and the metrics. */
export const observedStage =
  (pipeline: string, label: string, metrics: PipelineMetrics): StagePolicy =>
  next =>
    around(next, (event, request, surroundings) => {
      const startedAt = performance.now()
      request.follower?.stepBegins(next)
      request.journal?.begins(next)
      return runThen(next, event, request, surroundings, report => {
        const { result, attempts } = report
        const isHeldNow = isPutBack(result, request)
        const outcome = isHeldNow ? 'held' : outcomeOf(result)
        const durationMs = performance.now() - startedAt
        const finishedAt = Date.now()
        const visit: Visit = { step: next.name, path: next.path, outcome, attempts, durationMs, finishedAt }
        request.visits.push(report.hit === true ? { ...visit, hit: true } : visit)
        metrics.stepFinished(label, isHeldNow ? 'held' : result.kind, durationMs / 1000)
        if (result.kind !== 'failed') return report
        // A step inside that failed has named itself.
        const isNamed = result.error.facts.path !== undefined
        const facts = { pipeline, step: next.name, path: next.path, attempts }
        const error = isNamed ? result.error : result.error.with(facts)
        if (isHeldNow) request.journal?.holds(next, error)
        return isNamed ? report : { result: { ...result, error }, attempts }
      })
    })

/** A stored request waits for the breaker, or for the step to be there; the mover puts it back for that. */
const isPutBack = (result: StageReport['result'], { journal }: Request): boolean =>
  journal !== undefined && result.kind === 'failed' && shouldHold(result.error)

/** Spans the step. */
export const tracedStage: StagePolicy = next =>
  around(next, (event, request, surroundings) =>
    request.span.recording ? runSpanned(next, event, request, surroundings) : next.run(event, request, surroundings)
  )

async function runSpanned(stage: Stage, ...args: Parameters<Stage['run']>): Promise<StageReport> {
  const [event, request, surroundings] = args
  const span = request.span.child(`step ${stage.name}`, 'internal', { 'sluice.step': stage.name })
  const report = await runSafely(stage, event, { ...request, span }, surroundings)
  if (isPutBack(report.result, request)) span.end({ 'sluice.outcome': 'held' })
  else endSpan(span, report.result)
  return report
}

/** Spans a branch. */
export const tracedBranch =
  (path: string, run: RunBranch): RunBranch =>
  async (event, request, surroundings) => {
    if (!request.span.recording) return run(event, request, surroundings)
    const span = request.span.child(`branch ${path}`, 'internal', { 'sluice.branch': path })
    const result = await run(event, { ...request, span }, surroundings)
    if (result.kind === 'failed' && request.journal !== undefined && shouldHold(result.error)) {
      span.end({ 'sluice.outcome': 'held' })
    } else endSpan(span, result)
    return result
  }

function outcomeOf(result: StageReport['result']): VisitOutcome {
  if (result.kind === 'cancelled') return 'aborted'
  return result.kind === 'passed' && result.skipped === true ? 'skipped' : result.kind
}

function endSpan(span: Span, ended: { readonly kind: string; readonly error?: SluiceError } | Delivered): void {
  if ('error' in ended && ended.error !== undefined) span.fail(ended.error.code, ended.error.message)
  const said = 'error' in ended ? toldText(ended.error?.facts.upstreamBody) : undefined
  span.end({ 'sluice.outcome': ended.kind, ...(said !== undefined && { 'sluice.upstream_body': said }) })
}
