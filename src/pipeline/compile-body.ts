import type { Scope } from './compile-scope.ts'
import type { Delivery } from './delivery.ts'
import type { Sequence, Step } from './node.ts'
import type { NestedDefinition } from './plan.ts'
import type { ScaleSpec } from './spec/scale-spec.ts'
import type { StepSpec } from './spec/step-spec.ts'

/** The part of its pipeline that a step takes. */
export interface StepScope extends Scope {
  /** `namespace/name`. */
  readonly pipeline: string
  readonly baseDir: string
  readonly delivery: Delivery
  /** The defaults for its local processes. */
  readonly scale: ScaleSpec | undefined
  /** The names of the definition's steps. */
  readonly names: ReadonlyMap<object, string>
  /** Of the sequence that the step is in; the root's is empty. */
  readonly path: string
  readonly find: FindNested
  /** The pipelines that the step is in, outermost first. */
  readonly around: readonly string[]
}

/** The pipeline called `namespace/name`; `undefined`: there is none. */
export type FindNested = (pipeline: string) => NestedDefinition | undefined

export type CompileSteps = (specs: readonly StepSpec[], scope: StepScope) => Step[]

/** Makes the sequence of the steps inside a step; `path` is that of the sequence. */
export type CompileBody = (steps: readonly StepSpec[], path: string) => Sequence
