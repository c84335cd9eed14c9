import type { Step } from '../pipeline/plan.ts'
import type { Logger } from '../telemetry/log.ts'
import { createCondition } from './condition.ts'
import { around, type StagePolicy } from './stage.ts'

/** `when`: false, and the step is skipped. */
export function conditional(pipeline: string, { path, when }: Step, log: Logger): StagePolicy {
  if (when === undefined) return next => next
  const holds = createCondition(when, { pipeline, path }, log)
  return next =>
    around(next, async (event, request, surroundings) => {
      if (await holds(event, request, surroundings.replies)) return next.run(event, request, surroundings)
      return { result: { kind: 'passed', event }, attempts: 0 }
    })
}
