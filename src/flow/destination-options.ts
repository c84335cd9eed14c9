import type { DestinationOptions } from '../delivery/destination.ts'
import type { CallStep, Plan } from '../pipeline/plan.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import { observedAttempt } from './observe.ts'

/** How a step's destination is called. */
export function destinationOptions(
  plan: Plan,
  step: CallStep,
  { metrics }: { readonly metrics: PipelineMetrics }
): DestinationOptions {
  const source = `/${plan.pipeline}/${step.name}`
  return {
    label: `step "${step.name}"`,
    reply: step.reply,
    identify: requestId => ({ id: `${requestId}.${step.name}`, source, type: step.replyType }),
    delivery: step.delivery,
    breaker: step.breaker,
    deadlineMs: plan.deadlineMs,
    maxReplyBytes: plan.limits.maxBodyBytes,
    headers: ['prefer', 'reply', 'kn-namespace', plan.namespace],
    observe: observedAttempt(step.name, metrics)
  }
}
