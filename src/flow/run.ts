import type { Outcome } from '../event/outcome.ts'
import type { Expression } from '../pipeline/expression.ts'
import type { Plan, Step } from '../pipeline/plan.ts'
import { evaluate, isTruthy } from './bindings.ts'
import { createCallStage, type CallStageDeps } from './call-stage.ts'
import { observedStage } from './observe.ts'
import type { Position, Request } from './request.ts'
import type { Stage } from './stage.ts'
import { createTransformStage } from './transform-stage.ts'

/** Takes an event through a plan, from a position on. Resolves in every case. */
export type Run = (from: Position, request: Request) => Promise<RunOutcome>

/** An outcome; a failed one tells where, so that a replay can begin there. */
export type RunOutcome =
  Exclude<Outcome, { kind: 'failed' }> | (Extract<Outcome, { kind: 'failed' }> & { readonly at: Position })

export type RunDeps = CallStageDeps

/** The plan with its steps tied to what they need. Cheap, but not free: made on a pipeline's first request. */
export function createRun(plan: Plan, deps: RunDeps): Run {
  const stages = plan.steps.map(step => observedStage(createStage(plan, step, deps), plan.pipeline, deps.metrics))
  const keepsReplies = plan.steps.some(asksForReplies)

  return async (from, request) => {
    let position = from
    for (const stage of stages.slice(from.next)) {
      const { result } = await stage.run(position.event, request, position.replies)
      switch (result.kind) {
        case 'replied':
        case 'passed': {
          const replied = keepsReplies && result.kind === 'replied'
          const replies = replied ? new Map(position.replies).set(stage.name, result.event) : position.replies
          position = { next: position.next + 1, event: result.event, replies }
          if (!(await isWrittenDown(position, request))) return { kind: 'cancelled' }
          break
        }
        case 'filtered':
          return { kind: 'filtered', step: stage.name }
        case 'failed':
          return { ...result, at: position }
        case 'cancelled':
          return result
      }
    }
    return { kind: 'replied', event: position.event }
  }
}

/** A request that lives in memory has nothing to write, and does not wait. */
const isWrittenDown = (position: Position, { journal, visits }: Request): boolean | Promise<boolean> =>
  journal === undefined || journal.checkpoint(position, visits)

function createStage(plan: Plan, step: Step, deps: RunDeps): Stage {
  const stage = step.kind === 'transform' ? createTransformStage(step) : createCallStage(plan, step, deps)
  return step.when === undefined ? stage : conditional(stage, step.when)
}

/** `when`: false, and the step is skipped. */
const conditional = (stage: Stage, when: Expression): Stage => ({
  name: stage.name,
  async run(event, request, replies) {
    const wanted = isTruthy(await evaluate(when, event, request, replies))
    if (wanted) return stage.run(event, request, replies)
    return { result: { kind: 'passed', event }, attempts: 0 }
  }
})

function asksForReplies(step: Step): boolean {
  const { when } = step
  const own = step.kind === 'transform' ? step.transform : step.input
  return [when, own].some(expression => typeof expression === 'object' && expression.source.includes('$steps'))
}
