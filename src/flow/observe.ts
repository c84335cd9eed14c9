import type { Delivered, DeliveryPolicy } from '../delivery/deliver.ts'
import { toSluiceError, type SluiceError } from '../errors.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { Visit } from './request.ts'
import type { Stage, StageReport } from './stage.ts'

/** Counts each attempt that was really made, and spans it. */
export const observedAttempt =
  (step: string, metrics: PipelineMetrics): DeliveryPolicy =>
  next =>
  async (event, call) => {
    const before = call.attempts.count
    const span = call.span.child(`POST ${step}`, 'client', { 'sluice.step': step, 'sluice.attempt': before + 1 })
    const delivered = await next(event, span === call.span ? call : { ...call, span })
    if (span !== call.span) endSpan(span, delivered)
    if (call.attempts.count > before) metrics.attempt(step)
    return delivered
  }

/** Names the step in its failures, and tells its visit to the request, the metrics and the trace. */
export const observedStage = (stage: Stage, pipeline: string, metrics: PipelineMetrics): Stage => ({
  name: stage.name,
  async run(event, request, replies) {
    const startedAt = performance.now()
    const span = request.span.child(`step ${stage.name}`, 'internal', { 'sluice.step': stage.name })
    const report = await runSafely(stage, event, span === request.span ? request : { ...request, span }, replies)
    const { result, attempts } = report
    const outcome = visitOutcome[result.kind]
    const durationMs = performance.now() - startedAt
    request.visits.push({ step: stage.name, outcome, attempts, durationMs, finishedAt: Date.now() })
    metrics.stepFinished(stage.name, outcome, durationMs / 1000)
    if (span !== request.span) endSpan(span, result)
    if (result.kind !== 'failed') return report
    const facts = { pipeline, step: stage.name, attempts }
    return { result: { kind: 'failed', error: result.error.with(facts) }, attempts }
  }
})

const visitOutcome = {
  replied: 'replied',
  passed: 'passed',
  filtered: 'filtered',
  failed: 'failed',
  cancelled: 'cancelled'
} as const satisfies Record<StageReport['result']['kind'], Visit['outcome']>

/** Expressions throw what they are meant to (EXPRESSION_FAILED …); anything else is a defect, told as one. */
async function runSafely(stage: Stage, ...args: Parameters<Stage['run']>): Promise<StageReport> {
  try {
    return await stage.run(...args)
  } catch (thrown) {
    return { result: { kind: 'failed', error: toSluiceError(thrown) }, attempts: 0 }
  }
}

function endSpan(span: Span, ended: { readonly kind: string; readonly error?: SluiceError } | Delivered): void {
  if ('error' in ended && ended.error !== undefined) span.fail(ended.error.code, ended.error.message)
  span.end({ 'sluice.outcome': ended.kind })
}
