import type { Gate } from '../flow/admission.ts'
import type { Plan } from '../pipeline/plan.ts'

/** A pipeline as it is to be served. */
export interface Served {
  readonly plan: Plan
  /** The number of the plan's definition. */
  readonly generation: number
  readonly gate: Gate
  /** The grace period of a pause, or of a deletion, is over: what is in flight is put back, or ended. */
  readonly cut: boolean
  /** The reason why it cannot serve although nothing of its own is missing; `undefined`: it can. */
  readonly blocked: string | undefined
}

/** The pipelines that are served from now on, in place of the former ones. */
export interface ServedChanges {
  readonly put: readonly Served[]
  /** `namespace/name` of those that are not served any more. */
  readonly removed: readonly string[]
}

/**
 * A served pipeline, as it goes from process to process. The plan does not, since it has compiled expressions: each
 * process makes it of the definition.
 */
export interface ToldServed
  extends Omit<Served, 'plan'>, Pick<Plan, 'namespace' | 'name' | 'definition' | 'addresses'> {
  /** Equal for the same plan, so that it is not made again for another gate. */
  readonly revision: number
}

export interface ToldChanges {
  readonly put: readonly ToldServed[]
  readonly removed: readonly string[]
}

/** The requests of a pipeline that a replica, or one process of it, has in flight. */
export interface Standing {
  readonly pipeline: string
  readonly inFlight: readonly InFlightOf[]
  /** Requests that were ended or put back since the gate was last changed. */
  readonly cut: number
}

/** A generation, and how many requests of it run. */
export interface InFlightOf {
  readonly generation: number
  readonly count: number
  /** Those of them that the store has. */
  readonly stored: number
}
