import type { PipelineInstruments } from './pipeline-instruments.ts'

export type RequestOutcome = 'replied' | 'filtered' | 'failed' | 'cancelled'
/** Whether the caller waits, or the request was stored. */
export type Mode = 'sync' | 'async'
/** `held`: a stored request was put back, to come again. */
export type StepOutcome = RequestOutcome | 'passed' | 'held'

/** The series of one pipeline. Each call costs well under a microsecond: its labels are bound ahead. */
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

export function createPipelineMetrics(
  instruments: PipelineInstruments,
  pipeline: string,
  steps: readonly string[]
): PipelineMetrics {
  const { requests, duration, stepDuration, attempts, hedges, cacheHits, overhead, inflight } = instruments
  const running = inflight.labels(pipeline)
  const lasted = bound((mode: Mode) => bound((outcome: RequestOutcome) => duration.labels(pipeline, mode, outcome)))
  const spent = overhead.labels(pipeline)
  const counted = bound((mode: Mode) => bound((outcome: RequestOutcome) => requests.labels(pipeline, mode, outcome)))
  const called = new Map(steps.map(step => [step, attempts.labels(pipeline, step)]))
  const hedgesOf = bound((step: string) => hedges.labels(pipeline, step))
  const hitsOf = bound((step: string) => cacheHits.labels(pipeline, step))
  const visited = new Map(
    steps.map(step => [step, bound((outcome: StepOutcome) => stepDuration.labels(pipeline, step, outcome))])
  )
  return {
    started: () => running.add(),
    ran: () => running.add(-1),
    ended(mode, outcome, seconds, overheadSeconds) {
      counted(mode)(outcome).add()
      lasted(mode)(outcome).observe(seconds)
      spent.observe(overheadSeconds)
    },
    cancelled: () => counted('async')('cancelled').add(),
    stepFinished: (step, outcome, seconds) => visited.get(step)?.(outcome).observe(seconds),
    attempt: step => called.get(step)?.add(),
    hedged: step => hedgesOf(step).add(),
    cacheHit: step => hitsOf(step).add(),
    entryAttempt(step, tag, failed, seconds) {
      instruments.entryAttempts.labels(pipeline, step, tag, failed ? 'failed' : 'ok').add()
      instruments.entryDuration.labels(pipeline, step, tag).observe(seconds)
    },
    mirrored: (step, outcome) => instruments.copies.labels(pipeline, step, outcome).add()
  }
}

/** Binds labels on first use and remembers them: a series that never occurs is never exposed. */
function bound<K, V>(bind: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return key => {
    let value = known.get(key)
    if (value === undefined) known.set(key, (value = bind(key)))
    return value
  }
}
