import type { Node, Step } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { createCachedCallStage } from './cached-call-stage.ts'
import { createCallStage } from './call-stage.ts'
import { conditional } from './conditional.ts'
import { contractedStage } from './contracted-stage.ts'
import { deadLettered } from './dead-letter-stage.ts'
import { createNestedStage } from './nested-stage.ts'
import { observedStage } from './observed-stage.ts'
import { onFailure } from './on-failure.ts'
import { createParallelStage } from './parallel-stage.ts'
import { createReplyStage } from './reply-stage.ts'
import type { CreateBody } from './run-body.ts'
import type { RunDeps } from './run-deps.ts'
import { createSequence } from './sequence.ts'
import { wrapStage, type Stage } from './stage.ts'
import { createSinkStage } from './sink-stage.ts'
import { createSplitStage } from './split-stage.ts'
import { createSwitchStage } from './switch-stage.ts'
import { choosesEntry } from './traffic/choose-entry.ts'
import { tracedStage } from './traced.ts'
import { createTransformStage } from './transform-stage.ts'

/** A node of any kind; what holds for all steps is around it, outermost first. */
export function createStage(plan: Plan, node: Node, deps: RunDeps): Stage {
  if (node.kind === 'reply') return wrapStage(createReplyStage(plan, node, deps), deadLettered(plan, node, deps))
  return wrapStage(
    underContract(plan, node, deps),
    observedStage(plan.pipeline, node.label, deps),
    tracedStage,
    deadLettered(plan, node, deps),
    onFailure(plan, node, deps),
    conditional(plan.pipeline, node, deps.log),
    ...(node.kind === 'call' && node.traffic.length > 0 ? [choosesEntry(plan, node, deps.turns)] : [])
  )
}

/** The stage of a step by its kind. Under a contract the step's input is made outside of it. */
function underContract(plan: Plan, step: Step, deps: RunDeps): Stage {
  const { contract } = step
  if (contract === undefined) return createOwnStage(plan, step, deps)
  if (step.kind === 'transform') return contractedStage(createOwnStage(plan, step, deps), contract, 'previous')
  return contractedStage(createOwnStage(plan, { ...step, input: 'previous' }, deps), contract, step.input)
}

function createOwnStage(plan: Plan, step: Step, deps: RunDeps): Stage {
  const createBody: CreateBody = ({ path, flow }) =>
    createSequence(
      path,
      flow.map(node => createStage(plan, node, deps)),
      plan.keepsReplies
    )
  switch (step.kind) {
    case 'call':
      return step.cache === undefined
        ? createCallStage(plan, step, deps)
        : createCachedCallStage(plan, step, step.cache, deps)
    case 'transform':
      return createTransformStage(step)
    case 'switch':
      return createSwitchStage(plan, step, createBody, deps)
    case 'split':
      return createSplitStage(plan, step, createBody)
    case 'pipeline':
      return createNestedStage(step, createBody)
    case 'parallel':
      return createParallelStage(plan, step, createBody, deps)
    case 'sink':
      return createSinkStage(plan, step, deps)
  }
}
