import type { Attributes, Value } from './value.ts'

/** Kinds of errors of the specification. */
export type EvaluationErrorKind = 'math' | 'cast' | 'missingAttribute' | 'missingFunction' | 'functionEvaluation'

export interface EvaluationError {
  readonly kind: EvaluationErrorKind
  /** It names attributes, and tells no value of one. */
  readonly message: string
}

/** One evaluation over one event. It stops at the first error, in the specification's fail fast mode. */
export class Evaluation {
  readonly attributes: Attributes
  error: EvaluationError | undefined

  constructor(attributes: Attributes) {
    this.attributes = attributes
  }

  get failed(): boolean {
    return this.error !== undefined
  }

  /** Every operator is total: one that fails still gives a value. */
  fail<V extends Value>(kind: EvaluationErrorKind, message: string, value: V): V {
    this.error ??= { kind, message }
    return value
  }
}
