export type RequestOutcome = 'replied' | 'filtered' | 'failed' | 'cancelled'
/** Whether the caller waits, or the request was stored. */
export type Mode = 'sync' | 'async'
/** `held`: a stored request was put back, to come again. */
export type StepOutcome = RequestOutcome | 'passed' | 'held'

/** The series of one pipeline. Each call costs well under a microsecond: labels are bound once. */
export interface PipelineMetrics {
  /** A request is in flight, until `ran`. */
  started(): void
  /** The run of a stored request is over, whatever becomes of the request; or the answer of another one has left. */
  ran(): void
  /**
   * The outcome of a request whose caller waits, which is in flight until its answer has left, or with which a stored one
   * was settled. `seconds` since its arrival, or its acceptance; `overheadSeconds` of it were spent outside of steps.
   */
  ended(mode: Mode, outcome: RequestOutcome, seconds: number, overheadSeconds: number): void
  /** A stored request was cancelled, whether it ran, here or elsewhere, or waited. */
  cancelled(): void
  stepFinished(step: string, outcome: StepOutcome, seconds: number): void
  attempt(step: string): void
  /** A further call was made beside a slow one. */
  hedged(step: string): void
  /** A call was not made, as its reply is known. */
  cacheHit(step: string): void
  /** A call of an entry of traffic has ended. */
  entryAttempt(step: string, tag: string, failed: boolean, seconds: number): void
  /** A copy of a call was sent, or not. */
  mirrored(step: string, outcome: 'replied' | 'failed' | 'dropped'): void
}
