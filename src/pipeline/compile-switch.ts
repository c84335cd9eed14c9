import type { CompileBody } from './compile-body.ts'
import { compileCondition } from './condition.ts'
import type { Body, StructuredStep, SwitchStep } from './node.ts'
import { defaultChoiceName } from './spec/step-name.ts'
import type { StepSpec } from './spec/step-spec.ts'

/** `otherwise` is the last choice, whose condition always holds. */
export function compileSwitch(
  choices: NonNullable<StepSpec['switch']>,
  otherwise: StepSpec['otherwise'],
  step: Omit<StructuredStep, 'bodies'>,
  compileBody: CompileBody
): SwitchStep {
  const choiceOf = (name: string, when: Body['when'], steps: readonly StepSpec[]): Body => {
    const path = `${step.path}/${name}`
    return { name, path, when, flow: compileBody(steps, path) }
  }
  const bodies = choices.map(({ name = '', when, steps }, i) =>
    choiceOf(name === '' ? defaultChoiceName(i) : name, compileCondition(when), steps)
  )
  if (otherwise !== undefined) bodies.push(choiceOf('otherwise', undefined, otherwise))
  return { kind: 'switch', ...step, bodies }
}
