import { AttemptCounts, type StepCounts } from '../flow/traffic/attempt-counts.ts'

/** How often a worker tells what it has counted, in milliseconds. */
const everyMs = 250

/** Counts the attempts of a worker, and tells the primary of them. */
export function reportAttempts(tell: (counts: StepCounts) => void): AttemptCounts & Disposable {
  const counts = new AttemptCounts()
  const report = (): void => {
    const taken = counts.take()
    if (taken.size > 0) tell(taken)
  }
  const timer = setInterval(report, everyMs)
  return Object.assign(counts, {
    [Symbol.dispose]() {
      clearInterval(timer)
      report()
    }
  })
}
