/** One visit of a step. */
export interface StepRecord {
  readonly name: string
  /** Where the step stands: names from the root, joined by `/`. */
  readonly path: string
  readonly status: 'replied' | 'passed' | 'filtered' | 'skipped' | 'failed' | 'held' | 'aborted'
  readonly attempts: number
  readonly startedAt: number
  readonly finishedAt: number
}
