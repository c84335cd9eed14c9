import type { Node, Plan } from '../pipeline/plan.ts'
import { createBurial } from './burial.ts'
import type { RunDeps } from './run-deps.ts'
import { around, runSafely, type StagePolicy } from './stage.ts'

/** What fails for good goes to the dead letter sink, if one applies. */
export function deadLettered(plan: Plan, node: Node, deps: RunDeps): StagePolicy {
  if (node.delivery.deadLetterSink === undefined) return next => next
  const bury = createBurial(plan, node, deps)
  return next =>
    around(next, async (event, request, surroundings) => {
      const report = await runSafely(next, event, request, surroundings)
      const { result, attempts } = report
      if (result.kind === 'failed') {
        const buried = bury(result.input, result.error.with({ attempts }), request)
        // A stored request is settled only after its dead letter was sent, so that a crash repeats the sending.
        if (request.journal !== undefined) await buried
      }
      return report
    })
}
