import type { DestinationOptions } from '../delivery/destination.ts'
import type { ReplyNode } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { agentOf } from './agent-of.ts'
import { unseen } from './destination-options.ts'

/** How the reply destination is called. */
export const replyOptions = (plan: Plan, { delivery, breaker }: ReplyNode): DestinationOptions => ({
  label: 'the reply destination',
  reply: 'json',
  tellsUpstream: plan.tellsUpstream,
  identify: ({ requestId }) => ({ id: requestId, source: plan.source, type: 'dev.sluice.reply' }),
  streaming: undefined,
  delivery,
  breaker,
  deadlineMs: plan.deadlineMs,
  maxReplyBytes: plan.limits.maxBodyBytes,
  headers: [...agentOf(plan), 'kn-namespace', plan.namespace],
  concurrency: undefined,
  hedge: undefined,
  ...unseen
})
