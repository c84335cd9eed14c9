import { Rollouts, type RolloutsDeps } from '../control/rollout/rollouts.ts'
import { entryStatus } from '../control/entry-status.ts'
import type { TrafficOf } from '../control/step-status.ts'
import { AttemptCounts } from '../flow/traffic/attempt-counts.ts'
import { LocalTurns, stepKey } from '../flow/traffic/turns.ts'

/** The knowledge of traffic in the whole gateway. */
export interface TrafficParts extends AsyncDisposable {
  readonly turns: LocalTurns
  readonly attempts: AttemptCounts
  readonly rollouts: Rollouts
  readonly trafficOf: TrafficOf
  /** Nothing is to be known any more of the steps of these pipelines. */
  forget(pipelines: readonly string[]): void
}

export function createTrafficParts(deps: Omit<RolloutsDeps, 'attemptsOf'>): TrafficParts {
  const attempts = new AttemptCounts()
  const rollouts = new Rollouts({ ...deps, attemptsOf: step => attempts.of(step) })
  const turns = new LocalTurns(rollouts.sharesOf)
  return {
    turns,
    attempts,
    rollouts,
    trafficOf(pipeline, { path, traffic, rollout }) {
      const key = stepKey(pipeline, path)
      const entries = traffic.map(({ name, tag, percent }) => ({
        name,
        percent,
        ...(tag !== undefined && tag === rollout?.tag && { rolled: rollout.of })
      }))
      const shares = new Map(rollouts.sharesOf(key, entries).map(({ name, percent }) => [name, percent]))
      return traffic.map(entry => entryStatus(entry, shares.get(entry.name) ?? 0, attempts.of(key)))
    },
    forget(pipelines) {
      for (const pipeline of pipelines) {
        turns.forget(pipeline)
        attempts.forget(pipeline)
      }
    },
    [Symbol.asyncDispose]: () => rollouts[Symbol.asyncDispose]()
  }
}
