import type { Step } from '../pipeline/node.ts'
import type { Logger } from '../telemetry/log.ts'
import { createCondition } from './condition.ts'
import { hasBegun } from './mark.ts'
import { around, type StagePolicy } from './stage.ts'

/** `when`: false, and the step is skipped. A step that has begun is not asked again. */
export function conditional(pipeline: string, { path, when }: Step, log: Logger): StagePolicy {
  if (when === undefined) return next => next
  const holds = createCondition(when, { pipeline, path }, log)
  return next =>
    around(next, async (event, request, surroundings) => {
      const runs = hasBegun(surroundings.marks, path) || (await holds(event, request, surroundings))
      if (runs) return next.run(event, request, surroundings)
      return { result: { kind: 'passed', event, skipped: true }, attempts: 0 }
    })
}
