import type { Outcome } from '../event/outcome.ts'
import type { Plan, Step } from '../pipeline/plan.ts'
import { createCallStage } from './call-stage.ts'
import { conditional } from './conditional.ts'
import { deadLettered } from './dead-lettered.ts'
import { holdEvents } from './hold-events.ts'
import { observedStage, tracedStage } from './observe.ts'
import { onFailure } from './on-failure.ts'
import type { Position, Request } from './request.ts'
import type { RunDeps } from './run-deps.ts'
import { wrapStage, type Stage } from './stage.ts'
import { createTransformStage } from './transform-stage.ts'

/** Takes an event through a plan, from a position on. Resolves in every case. */
export type Run = (from: Position, request: Request) => Promise<RunOutcome>

/** An outcome; a failed one tells where, so that a replay can begin there. */
export type RunOutcome =
  Exclude<Outcome, { kind: 'failed' }> | (Extract<Outcome, { kind: 'failed' }> & { readonly at: Position })

/** The plan with its steps tied to what they need. Cheap, but not free: made on a pipeline's first request. */
export function createRun(plan: Plan, deps: RunDeps): Run {
  const stages = plan.steps.map(step => createStage(plan, step, deps))
  const keepsReplies = plan.steps.some(asksForReplies)

  return async (from, request) => {
    let position = from
    for (let stage = stages[from.next]; stage !== undefined; stage = stages[position.next]) {
      const { result } = await stage.run(position.event, request, position.replies)
      switch (result.kind) {
        case 'replied':
        case 'passed': {
          const replied = keepsReplies && result.kind === 'replied'
          const replies = replied ? new Map(position.replies).set(stage.name, result.event) : position.replies
          position = { next: position.next + 1, event: result.event, replies }
          holdEvents(position, request)
          const written = isWrittenDown(position, request)
          if (!(written === true || (await written))) return { kind: 'cancelled' }
          break
        }
        case 'filtered':
          return { kind: 'filtered', step: stage.name }
        case 'failed':
          return { kind: 'failed', error: result.error, at: position }
        case 'cancelled':
          return result
      }
    }
    return { kind: 'replied', event: position.event }
  }
}

/** A request that lives in memory has nothing to write, and does not wait; nor does one that is at its end. */
const isWrittenDown = (position: Position, { journal, visits }: Request): boolean | Promise<boolean> =>
  journal === undefined || journal.checkpoint(position, visits)

/** A step of any kind; what holds for all of them is around it, outermost first. */
function createStage(plan: Plan, step: Step, deps: RunDeps): Stage {
  const stage = step.kind === 'transform' ? createTransformStage(step) : createCallStage(plan, step, deps)
  return wrapStage(
    stage,
    observedStage(plan.pipeline, deps.metrics),
    tracedStage,
    deadLettered(plan, step, deps),
    onFailure(plan, step, deps),
    conditional(step.when)
  )
}

function asksForReplies(step: Step): boolean {
  const { when } = step
  const own = step.kind === 'transform' ? step.transform : step.input
  return [when, own].some(expression => typeof expression === 'object' && expression.source.includes('$steps'))
}
