import { isStepOf } from './turns.ts'

/** Attempts of one entry: how many, how many failed, and how long they took. */
export interface AttemptCount {
  readonly calls: number
  readonly failed: number
  /** How many took how long: by the exponent of a base of 1.1, in milliseconds. */
  readonly durations: ReadonlyMap<number, number>
}

/** Counts by the names of the entries. */
export type EntryCounts = ReadonlyMap<string, AttemptCount>

/** By the steps, as turns name them. */
export type StepCounts = ReadonlyMap<string, EntryCounts>

export const noAttempts: AttemptCount = { calls: 0, failed: 0, durations: new Map() }

const base = Math.log(1.1)

export const countAttempt = (count: AttemptCount, failed: boolean, ms: number): AttemptCount =>
  addCounts(count, {
    calls: 1,
    failed: failed ? 1 : 0,
    durations: new Map([[Math.ceil(Math.log(Math.max(ms, 0.1)) / base), 1]])
  })

export function addCounts(a: AttemptCount, b: AttemptCount): AttemptCount {
  const durations = new Map(a.durations)
  for (const [exponent, count] of b.durations) durations.set(exponent, (durations.get(exponent) ?? 0) + count)
  return { calls: a.calls + b.calls, failed: a.failed + b.failed, durations }
}

export const failurePercent = ({ calls, failed }: AttemptCount): number => (calls === 0 ? 0 : (100 * failed) / calls)

/** The time that 95 of 100 took at most, in milliseconds, up to a tenth more; 0: none were made. */
export function p95({ calls, durations }: AttemptCount): number {
  let left = Math.ceil(calls * 0.95)
  for (const [exponent, count] of [...durations].toSorted(([a], [b]) => a - b)) {
    left -= count
    if (left <= 0) return Math.exp(exponent * base)
  }
  return 0
}

/** Counts attempts until somebody takes the counts away. */
export class AttemptCounts {
  #steps = new Map<string, Map<string, AttemptCount>>()

  tell(step: string, entry: string, failed: boolean, ms: number): void {
    const entries = this.#entriesOf(step)
    entries.set(entry, countAttempt(entries.get(entry) ?? noAttempts, failed, ms))
  }

  add(counts: StepCounts): void {
    for (const [step, entries] of counts) {
      const own = this.#entriesOf(step)
      for (const [entry, count] of entries) own.set(entry, addCounts(own.get(entry) ?? noAttempts, count))
    }
  }

  /** The counts since this was asked the last time. */
  take(): StepCounts {
    const steps = this.#steps
    this.#steps = new Map()
    return steps
  }

  /** Nothing is known any more of the steps of a pipeline. */
  forget(pipeline: string): void {
    for (const step of this.#steps.keys()) if (isStepOf(pipeline, step)) this.#steps.delete(step)
  }

  of(step: string): EntryCounts {
    return this.#steps.get(step) ?? new Map<string, AttemptCount>()
  }

  #entriesOf(step: string): Map<string, AttemptCount> {
    let entries = this.#steps.get(step)
    if (entries === undefined) this.#steps.set(step, (entries = new Map()))
    return entries
  }
}
