import type { CompileBody } from './compile-body.ts'
import { defaults } from './defaults.ts'
import { compileExpression } from './expression.ts'
import type { Share, SplitStep, StructuredStep } from './node.ts'
import { defaultChoiceName } from './spec/step-name.ts'
import type { StepSpec } from './spec/step-spec.ts'

/** A choice with a destination is one step with the name of the choice. */
export function compileSplit(
  choices: NonNullable<StepSpec['split']>,
  key: StepSpec['key'],
  step: Omit<StructuredStep, 'bodies'>,
  compileBody: CompileBody
): SplitStep {
  const bodies = choices.map((choice, i): Share => {
    const { name = defaultChoiceName(i), weight = defaults.weight, steps, ...destination } = choice
    const path = `${step.path}/${name}`
    const flow = steps === undefined ? compileBody([{ name, ...destination }], step.path) : compileBody(steps, path)
    return { name, path, when: undefined, weight, flow }
  })
  return { kind: 'split', ...step, key: key === undefined ? undefined : compileExpression(key), bodies }
}
