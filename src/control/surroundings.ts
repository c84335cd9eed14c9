import type { Durability } from '../ledger/durability.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { HealthOf } from './process-health.ts'

/** The facts beside its definition that say how a pipeline does. */
export interface Surroundings {
  readonly healthOf: HealthOf
  /** Why headers of its destinations have no value at this moment; empty: all have one. */
  readonly missingHeaders: (plan: Plan) => readonly string[]
  /** The guarantee of the store; `undefined`: it is not open. */
  readonly durability: () => Durability | undefined
}
