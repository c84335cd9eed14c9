import type { Durability } from '../ledger/durability.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { HealthOf } from './process-health.ts'
import type { RolledState } from './rollout/rollout-status.ts'

/** The facts beside its definition that say how a pipeline does. */
export interface Surroundings {
  readonly healthOf: HealthOf
  /** Why headers of its destinations have no value at this moment; empty: all have one. */
  readonly missingHeaders: (plan: Plan) => readonly string[]
  /** The rollouts of a plan, and how far they are. */
  readonly rolloutsOf: (plan: Plan) => readonly RolledState[]
  /** The guarantee of the store; `undefined`: it is not open. */
  readonly durability: () => Durability | undefined
}
