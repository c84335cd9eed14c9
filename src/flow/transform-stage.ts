import { fromJson } from '../event/json-view.ts'
import type { TransformStep } from '../pipeline/plan.ts'
import { evaluate } from './bindings.ts'
import type { Stage } from './stage.ts'

/** A step that is an expression: its result becomes the data, or the event. It calls nothing. */
export const createTransformStage = ({ name, transform }: TransformStep): Stage => ({
  name,
  async run(event, request, replies) {
    const value = await evaluate(transform, event, request, replies)
    return { result: { kind: 'replied', event: fromJson(value, event) }, attempts: 0 }
  }
})
