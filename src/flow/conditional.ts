import type { Expression } from '../pipeline/expression.ts'
import { holds } from './bindings.ts'
import type { StagePolicy } from './stage.ts'

/** `when`: false, and the step is skipped. */
export const conditional =
  (when: Expression | undefined): StagePolicy =>
  next => {
    if (when === undefined) return next
    return {
      name: next.name,
      async run(event, request, replies) {
        if (await holds(when, event, request, replies)) return next.run(event, request, replies)
        return { result: { kind: 'passed', event }, attempts: 0 }
      }
    }
  }
