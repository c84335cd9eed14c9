import type { CloudEvent } from '../event/event.ts'
import type { Node, Plan } from '../pipeline/plan.ts'
import { createCallStage } from './call-stage.ts'
import { conditional } from './conditional.ts'
import { deadLettered } from './dead-lettered.ts'
import { rootPath, type Marks } from './mark.ts'
import { observedStage, tracedStage } from './observe.ts'
import { onFailure } from './on-failure.ts'
import { createReplyStage } from './reply-stage.ts'
import type { Request } from './request.ts'
import type { RunDeps } from './run-deps.ts'
import { createSequence, type SequenceResult } from './sequence.ts'
import { wrapStage, type Stage } from './stage.ts'
import { createTransformStage } from './transform-stage.ts'

/** Takes a request through a plan, from its marks on. Resolves in every case. */
export type Run = (request: Request, marks: Marks) => Promise<RunOutcome>

export type RunOutcome = SequenceResult

const noReplies: ReadonlyMap<string, CloudEvent> = new Map()

/** The plan with its nodes tied to what they need. Cheap, but not free: made on a pipeline's first request. */
export function createRun(plan: Plan, deps: RunDeps): Run {
  const stages = plan.flow.map(node => createStage(plan, node, deps))
  const run = createSequence(rootPath, stages, plan.keepsReplies)
  return (request, marks) => run(request.original, request, { replies: noReplies, marks })
}

/** A node of any kind; what holds for all steps is around it, outermost first. */
function createStage(plan: Plan, node: Node, deps: RunDeps): Stage {
  if (node.kind === 'reply') return wrapStage(createReplyStage(plan, node, deps), deadLettered(plan, node, deps))
  const stage = node.kind === 'transform' ? createTransformStage(node) : createCallStage(plan, node, deps)
  return wrapStage(
    stage,
    observedStage(plan.pipeline, deps.metrics),
    tracedStage,
    deadLettered(plan, node, deps),
    onFailure(plan, node, deps),
    conditional(plan.pipeline, node, deps.log)
  )
}
