import type { Call, Deliver, Delivered, DeliveryPolicy } from '../delivery/deliver.ts'
import { toldText, type SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { RunBranch } from './branch-outcome.ts'
import { isPutBack } from './is-put-back.ts'
import { around, runSafely, type Stage, type StagePolicy, type StageReport } from './stage.ts'

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

/** Spans the step. */
export const tracedStage: StagePolicy = next =>
  around(next, (event, request, surroundings) =>
    request.span.recording ? runSpanned(next, event, request, surroundings) : next.run(event, request, surroundings)
  )

async function runSpanned(stage: Stage, ...args: Parameters<Stage['run']>): Promise<StageReport> {
  const [event, request, surroundings] = args
  const { name, path } = stage
  const span = request.span.child(`step ${name}`, 'internal', { 'sluice.step': name, 'sluice.path': path })
  const report = await runSafely(stage, event, { ...request, span }, surroundings)
  if (isPutBack(report.result, request)) span.end(held)
  else {
    tellForgiven(span, report)
    endSpan(span, report.result)
  }
  return report
}

/** The first of them: the spans of those inside the step have their own. */
function tellForgiven(span: Span, { forgiven: [first] = [] }: StageReport): void {
  if (first === undefined) return
  const said = toldText(first.facts.upstreamBody)
  span.set({ 'sluice.forgiven.code': first.code, 'sluice.forgiven.detail': first.message })
  if (said !== undefined) span.set({ 'sluice.upstream_body': said })
}

/** Spans a branch. */
export const tracedBranch =
  (path: string, run: RunBranch): RunBranch =>
  async (event, request, surroundings) => {
    if (!request.span.recording) return run(event, request, surroundings)
    const span = request.span.child(`branch ${path}`, 'internal', { 'sluice.branch': path })
    const result = await run(event, { ...request, span }, surroundings)
    if (isPutBack(result, request)) span.end(held)
    else endSpan(span, result)
    return result
  }

const held = { 'sluice.outcome': 'held' }

/** How something ended that has a span. */
interface Ended {
  readonly kind: string
  readonly error?: SluiceError
}

/** Says on a span how the thing ended that it times. */
export function tellOutcome(span: Span, { kind, error }: Ended): void {
  if (error !== undefined) span.fail(error.code, error.message)
  span.set({ 'sluice.outcome': kind })
}

function endSpan(span: Span, ended: Ended): void {
  tellOutcome(span, ended)
  const said = toldText(ended.error?.facts.upstreamBody)
  span.end(said === undefined ? {} : { 'sluice.upstream_body': said })
}
