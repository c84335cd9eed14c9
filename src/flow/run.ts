import type { CloudEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import type { Plan, Step } from '../pipeline/plan.ts'
import { evaluate, isTruthy, type Replies } from './bindings.ts'
import { createCallStage, type CallStageDeps } from './call-stage.ts'
import { observedStage } from './observe.ts'
import type { Request } from './request.ts'
import type { Stage } from './stage.ts'
import { createTransformStage } from './transform-stage.ts'

/** Takes an event through a plan. Resolves in every case. */
export type Run = (event: CloudEvent, request: Request) => Promise<Outcome>

export type RunDeps = CallStageDeps

/** The plan with its steps tied to what they need. Cheap, but not free: made on a pipeline's first request. */
export function createRun(plan: Plan, deps: RunDeps): Run {
  const stages = plan.steps.map(step => observedStage(createStage(plan, step, deps), plan.pipeline, deps.metrics))
  return async (event, request) => {
    const replies: Replies = new Map()
    let current = event
    for (const stage of stages) {
      const { result } = await stage.run(current, request, replies)
      switch (result.kind) {
        case 'replied':
          replies.set(stage.name, result.event)
          current = result.event
          break
        case 'passed':
          current = result.event
          break
        case 'filtered':
          return { kind: 'filtered', step: stage.name }
        case 'failed':
        case 'cancelled':
          return result
      }
    }
    return { kind: 'replied', event: current }
  }
}

function createStage(plan: Plan, step: Step, deps: RunDeps): Stage {
  const stage = step.kind === 'transform' ? createTransformStage(step) : createCallStage(plan, step, deps)
  return step.when === undefined ? stage : conditional(stage, step.when)
}

/** `when`: false, and the step is skipped. */
const conditional = (stage: Stage, when: NonNullable<Step['when']>): Stage => ({
  name: stage.name,
  async run(event, request, replies) {
    const wanted = isTruthy(await evaluate(when, event, request, replies))
    if (wanted) return stage.run(event, request, replies)
    return { result: { kind: 'passed', event }, attempts: 0 }
  }
})
