import type { Delivered } from '../delivery/deliver.ts'
import type { CloudEvent } from '../event/event.ts'
import type { ReplyNode } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { replyOptions } from './reply-options.ts'
import type { RunDeps } from './run-deps.ts'
import { cancelled, failedAt, type Stage, type StageResult } from './stage.ts'
import { callOf, deliverSeen } from './step-call.ts'

/** Sends the reply to `spec.reply`, retried like a step; what the destination answers is of no interest. */
export function createReplyStage(plan: Plan, node: ReplyNode, deps: RunDeps): Stage {
  const deliver = deps.deliverTo(node.destination, replyOptions(plan, node))
  return {
    name: node.name,
    path: node.path,
    async run(event, request) {
      await request.journal?.replies()
      const call = callOf(request, undefined)
      return deliverSeen(deliver, event, call, { step: undefined, attempts: call.attempts }, request, delivered => ({
        result: resultOf(delivered, event, call.attempts.count),
        attempts: call.attempts.count
      }))
    }
  }
}

function resultOf(delivered: Delivered, event: CloudEvent, attempts: number): StageResult {
  switch (delivered.kind) {
    case 'failed':
      return failedAt(delivered.error.with({ attempts }), event)
    case 'cancelled':
      return cancelled
    case 'reply':
    case 'empty':
      return { kind: 'passed', event }
  }
}
