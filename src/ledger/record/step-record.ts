import type { StepFailure, VisitOutcome } from '../../event/outcome.ts'

/** One visit of a step. */
export interface StepRecord {
  readonly name: string
  /** Where the step stands: names from the root, joined by `/`. */
  readonly path: string
  readonly status: VisitOutcome
  readonly attempts: number
  readonly startedAt: number
  readonly finishedAt: number
  /** Why it failed, or the first failure that it forgave; absent: none. */
  readonly error?: StepFailure
}
