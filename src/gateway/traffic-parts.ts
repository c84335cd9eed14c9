import { AttemptCounts } from '../flow/traffic/attempt-counts.ts'
import { LocalTurns } from '../flow/traffic/turns.ts'

/** What is known of traffic in the whole gateway. */
export interface TrafficParts {
  readonly turns: LocalTurns
  readonly attempts: AttemptCounts
  /** Nothing is to be known any more of the steps of these pipelines. */
  forget(pipelines: readonly string[]): void
}

export function createTrafficParts(): TrafficParts {
  const turns = new LocalTurns()
  const attempts = new AttemptCounts()
  return {
    turns,
    attempts,
    forget(pipelines) {
      for (const pipeline of pipelines) {
        turns.forget(pipeline)
        attempts.forget(pipeline)
      }
    }
  }
}
