import type { Plan, Step } from '../pipeline/plan.ts'
import { createBurial } from './burial.ts'
import type { RunDeps } from './run-deps.ts'
import { runSafely, type StagePolicy } from './stage.ts'

/** What fails for good goes to the dead letter sink, if one applies. */
export function deadLettered(plan: Plan, step: Step, deps: RunDeps): StagePolicy {
  if (step.delivery.deadLetterSink === undefined) return next => next
  const bury = createBurial(plan, step, deps)
  return next => ({
    name: next.name,
    async run(event, request, replies) {
      const report = await runSafely(next, event, request, replies)
      const { result, attempts } = report
      if (result.kind === 'failed') {
        const buried = bury(result.input, result.error.with({ attempts }), request)
        // A stored request is settled only after its dead letter was sent, so that a crash repeats the sending.
        if (request.journal !== undefined) await buried
      }
      return report
    }
  })
}
