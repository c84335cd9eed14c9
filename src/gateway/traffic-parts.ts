import { Rollouts, type RolloutsDeps } from '../control/rollout/rollouts.ts'
import { rolledSteps } from '../control/rollout/rolled-steps.ts'
import type { ServedChanges } from '../control/served.ts'
import { entryStatus } from '../control/entry-status.ts'
import type { TrafficOf } from '../control/step-status.ts'
import { AttemptCounts } from '../flow/traffic/attempt-counts.ts'
import { entryShares } from '../flow/traffic/entry-shares.ts'
import { LocalTurns, stepKey } from '../flow/traffic/turns.ts'
import type { Plan } from '../pipeline/plan.ts'

/** The knowledge of traffic in the whole gateway. */
export interface TrafficParts extends AsyncDisposable {
  readonly turns: LocalTurns
  readonly attempts: AttemptCounts
  readonly rollouts: Rollouts
  readonly trafficOf: TrafficOf
  /** These serve from now on. */
  apply(changes: ServedChanges): void
}

export function createTrafficParts(deps: Omit<RolloutsDeps, 'attemptsOf' | 'plans'>): TrafficParts {
  const attempts = new AttemptCounts()
  /** Those with a rollout, by their pipelines. */
  const rolled = new Map<string, Plan>()
  const plans = () => [...rolled.values()]
  const rollouts = new Rollouts({ ...deps, plans, attemptsOf: step => attempts.of(step) })
  const turns = new LocalTurns(rollouts.sharesOf)
  return {
    turns,
    attempts,
    rollouts,
    trafficOf(pipeline, step) {
      const key = stepKey(pipeline, step.path)
      const shares = new Map(rollouts.sharesOf(key, entryShares(step)).map(({ name, percent }) => [name, percent]))
      return step.traffic.map(entry => entryStatus(entry, shares.get(entry.name) ?? 0, attempts.of(key)))
    },
    apply({ put, removed }) {
      for (const { plan } of put) {
        if (rolledSteps(plan).length > 0) rolled.set(plan.pipeline, plan)
        else rolled.delete(plan.pipeline)
      }
      for (const pipeline of removed) {
        rolled.delete(pipeline)
        turns.forget(pipeline)
        attempts.forget(pipeline)
        rollouts.forget(pipeline)
      }
    },
    [Symbol.asyncDispose]: () => rollouts[Symbol.asyncDispose]()
  }
}
