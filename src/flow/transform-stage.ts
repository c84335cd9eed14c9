import type { TransformStep } from '../pipeline/node.ts'
import { evaluate } from './bindings.ts'
import type { Stage } from './stage.ts'

/** A step that is an expression: its result becomes the data, or the event. It calls nothing. */
export const createTransformStage = ({ name, path, transform }: TransformStep): Stage => ({
  name,
  path,
  async run(event, request, around) {
    return { result: { kind: 'replied', event: await evaluate(transform, event, request, around) }, attempts: 0 }
  }
})
