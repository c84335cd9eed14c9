import { clusterSourcesOf, type ClusterSource } from '../pipeline/cluster-source.ts'
import { withAddresses, type Resolve } from '../pipeline/compile-scope.ts'
import type { Plan } from '../pipeline/plan.ts'
import { planOf, type Meaning } from './plan-of.ts'

/** All that a definition needs of where it is served. */
export interface Needed {
  /** Keys of `Resolve`. */
  readonly refs: readonly string[]
  readonly values: readonly ClusterSource[]
}

/** Knows the addresses of refs by their keys, as soon as it is known who has one; values are on hand by then. */
export type LookUp = (needed: Needed) => Promise<ReadonlyMap<string, string>>

type Told = Pick<Plan, 'namespace' | 'name' | 'definition'>

/** All that the definition needs, found by compiling it as if each ref had an address. */
export function neededBy(told: Told, { environment, resolve: { hasTokens = false } }: Meaning): Needed {
  const refs = new Set<string>()
  const resolve: Resolve = {
    get(key) {
      refs.add(key)
      return 'http://unknown'
    },
    hasTokens
  }
  const plan = planOf(told, { environment, resolve })
  return { refs: [...refs], values: [...clusterSourcesOf([plan])] }
}

/** Makes the plan of a definition with the addresses that its refs have now. */
export async function planLookedUp(told: Told, meaning: Meaning, lookUp: LookUp): Promise<Plan> {
  const addresses = await lookUp(neededBy(told, meaning))
  return planOf(told, { ...meaning, resolve: withAddresses(meaning.resolve, addresses) })
}

/**
 * The same plan with the addresses that its refs have now; `undefined`: they are as they were, or one has none any more, so
 * that the last known ones are called on.
 */
export async function movedPlan(plan: Plan, meaning: Meaning, lookUp: LookUp): Promise<Plan | undefined> {
  if (plan.addresses.size === 0 && plan.unresolved.length === 0) return undefined
  const moved = await planLookedUp(plan, meaning, lookUp)
  const isSame = [...moved.addresses].join() === [...plan.addresses].join()
  return isSame || moved.unresolved.length > plan.unresolved.length ? undefined : moved
}
