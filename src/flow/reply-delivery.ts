import type { Deliver } from '../delivery/deliver.ts'
import type { Plan } from '../pipeline/plan.ts'
import { replyOptions } from './reply-options.ts'
import type { RunDeps } from './run-deps.ts'

/** Sends reply events to `spec.reply`, retried like a step; what the destination answers is of no interest. */
export function createReplyDelivery(plan: Plan, deps: RunDeps): Deliver | undefined {
  const { reply } = plan
  return reply && deps.deliverTo(reply.destination, replyOptions(plan, reply))
}
