import type { CompileBody } from './compile-body.ts'
import { compileCondition } from './condition.ts'
import { defaults } from './defaults.ts'
import type { ParallelStep, StructuredStep } from './node.ts'
import type { StepSpec } from './spec/step-spec.ts'

export function compileParallel(
  { branches, join = defaults.join, require }: NonNullable<StepSpec['parallel']>,
  step: Omit<StructuredStep, 'bodies'>,
  compileBody: CompileBody
): ParallelStep {
  const bodies = branches.map(({ name, when, steps }) => {
    const path = `${step.path}/${name}`
    return { name, path, when: when === undefined ? undefined : compileCondition(when), flow: compileBody(steps, path) }
  })
  const isOfOne = join === 'first' || join === 'race'
  const required = require ?? (isOfOne ? 'any' : 'all')
  return { kind: 'parallel', ...step, bodies, join, require: required === 'any' ? 1 : required }
}
