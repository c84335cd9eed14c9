import type { Expression } from '../pipeline/expression.ts'
import { holds } from './bindings.ts'
import { around, type StagePolicy } from './stage.ts'

/** `when`: false, and the step is skipped. */
export const conditional =
  (when: Expression | undefined): StagePolicy =>
  next => {
    if (when === undefined) return next
    return around(next, async (event, request, surroundings) => {
      if (await holds(when, event, request, surroundings.replies)) return next.run(event, request, surroundings)
      return { result: { kind: 'passed', event }, attempts: 0 }
    })
  }
