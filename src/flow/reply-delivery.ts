import type { Deliver } from '../delivery/deliver.ts'
import { deliverTo } from '../delivery/destination.ts'
import type { Plan } from '../pipeline/plan.ts'
import { unseen } from './observe.ts'
import type { RunDeps } from './run-deps.ts'

/** Sends reply events to `spec.reply`, retried like a step; what the destination answers is of no interest. */
export function createReplyDelivery(plan: Plan, deps: RunDeps): Deliver | undefined {
  const { reply } = plan
  if (reply === undefined) return undefined
  const options = {
    label: 'the reply destination',
    reply: 'json' as const,
    identify: (requestId: string) => ({ id: requestId, source: plan.source, type: 'dev.sluice.reply' }),
    delivery: reply.delivery,
    breaker: reply.breaker,
    deadlineMs: plan.deadlineMs,
    maxReplyBytes: plan.limits.maxBodyBytes,
    headers: ['kn-namespace', plan.namespace],
    ...unseen
  }
  return deliverTo(reply.destination, options, deps)
}
