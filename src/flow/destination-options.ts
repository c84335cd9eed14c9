import type { DestinationOptions } from '../delivery/destination.ts'
import type { Step } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import { agentOf } from './agent-of.ts'
import { replyId } from './reply-id.ts'
import { tracedAttempt } from './traced.ts'

/** For deliveries that are no step's: neither counted nor spanned nor copied. */
export const unseen = { attempted: undefined, judged: undefined, traced: undefined, copied: undefined } as const

/**
 * How a step's destination is called, and the fallback that stands in for it, to which what is said of the destination
 * alone does not apply.
 */
export function destinationOptions(
  plan: Plan,
  step: Step,
  { metrics }: { readonly metrics: PipelineMetrics }
): DestinationOptions {
  const dotted = step.path.replaceAll('/', '.')
  const source = `${plan.source}/${step.path}`
  return {
    label: `step "${step.name}"`,
    reply: step.reply,
    tellsUpstream: plan.tellsUpstream,
    identify: call => ({ id: replyId(call, plan.source, dotted), source, type: step.replyType }),
    streaming: step.streaming,
    delivery: step.delivery,
    breaker: step.breaker,
    deadlineMs: plan.deadlineMs,
    maxReplyBytes: plan.limits.maxBodyBytes,
    headers: [...agentOf(plan), 'prefer', 'reply', 'kn-namespace', plan.namespace, 'sluice-step', step.path],
    attempted: () => metrics.attempt(step.label),
    judged: undefined,
    traced: tracedAttempt(step.name),
    copied: undefined,
    concurrency: undefined,
    hedge: undefined
  }
}
