import type { Sequence } from './plan.ts'
import type { StepSpec } from './spec/step-spec.ts'

/** Makes the sequence of the steps inside a step; `path` is that of the sequence. */
export type CompileBody = (steps: readonly StepSpec[], path: string) => Sequence
