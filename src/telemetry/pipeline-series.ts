import type { PipelineInstruments } from './pipeline-instruments.ts'
import type { Mode, PipelineMetrics, RequestOutcome, StepOutcome } from './pipeline-metrics.ts'
import type { Histogram, Value } from './series.ts'

const modes = ['sync', 'async'] as const satisfies readonly Mode[]
const outcomes = [
  'replied',
  'filtered',
  'failed',
  'cancelled',
  'passed',
  'held'
] as const satisfies readonly StepOutcome[]

/** The requests of one mode that ended so. */
interface Ended {
  readonly requests: Value
  readonly duration: Histogram
}

interface StepSeries {
  readonly attempts: Value
  /** By the place of the outcome. */
  readonly durations: (Histogram | undefined)[]
  cacheHits: Value | undefined
}

/**
 * The series of one pipeline, which are there from the first time that something is counted in them: one that never
 * occurs is never exposed. They are held in small arrays, since ten thousand pipelines have them.
 */
export class PipelineSeries implements PipelineMetrics {
  readonly #instruments: PipelineInstruments
  readonly #pipeline: string
  readonly #running: Value
  readonly #overhead: Histogram
  /** By the place of the mode, then of the outcome. */
  readonly #ended: (Ended | undefined)[][] = modes.map(() => [])
  readonly #steps: ReadonlyMap<string, StepSeries>

  constructor(instruments: PipelineInstruments, pipeline: string, steps: readonly string[]) {
    this.#instruments = instruments
    this.#pipeline = pipeline
    this.#running = instruments.inflight.labels(pipeline)
    this.#overhead = instruments.overhead.labels(pipeline)
    this.#steps = new Map(
      steps.map(step => {
        const attempts = instruments.attempts.labels(pipeline, step)
        return [step, { attempts, durations: [], cacheHits: undefined }]
      })
    )
  }

  started(): void {
    this.#running.add()
  }

  ran(): void {
    this.#running.add(-1)
  }

  ended(mode: Mode, outcome: RequestOutcome, seconds: number, overheadSeconds: number): void {
    const { requests, duration } = this.#endedOf(mode, outcome)
    requests.add()
    duration.observe(seconds)
    this.#overhead.observe(overheadSeconds)
  }

  cancelled(): void {
    this.#instruments.requests.labels(this.#pipeline, 'async', 'cancelled').add()
  }

  stepFinished(step: string, outcome: StepOutcome, seconds: number): void {
    const durations = this.#steps.get(step)?.durations
    if (durations === undefined) return
    const at = outcomes.indexOf(outcome)
    const known = (durations[at] ??= this.#instruments.stepDuration.labels(this.#pipeline, step, outcome))
    known.observe(seconds)
  }

  attempt(step: string): void {
    this.#steps.get(step)?.attempts.add()
  }

  hedged(step: string): void {
    this.#instruments.hedges.labels(this.#pipeline, step).add()
  }

  cacheHit(step: string): void {
    const series = this.#steps.get(step)
    if (series === undefined) return
    series.cacheHits ??= this.#instruments.cacheHits.labels(this.#pipeline, step)
    series.cacheHits.add()
  }

  entryAttempt(step: string, tag: string, failed: boolean, seconds: number): void {
    this.#instruments.entryAttempts.labels(this.#pipeline, step, tag, failed ? 'failed' : 'ok').add()
    this.#instruments.entryDuration.labels(this.#pipeline, step, tag).observe(seconds)
  }

  mirrored(step: string, outcome: 'replied' | 'failed' | 'dropped'): void {
    this.#instruments.copies.labels(this.#pipeline, step, outcome).add()
  }

  #endedOf(mode: Mode, outcome: RequestOutcome): Ended {
    const ofMode = (this.#ended[modes.indexOf(mode)] ??= [])
    const at = outcomes.indexOf(outcome)
    const { requests, duration } = this.#instruments
    return (ofMode[at] ??= {
      requests: requests.labels(this.#pipeline, mode, outcome),
      duration: duration.labels(this.#pipeline, mode, outcome)
    })
  }
}
