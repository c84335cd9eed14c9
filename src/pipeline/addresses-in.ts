import { destinationsOf } from './destinations-of.ts'
import { nodesOf } from './nodes-of.ts'
import type { Plan } from './plan.ts'

/** `Kind/namespace/name` of each ref of the plans, whether it has an address or not. */
export function* refsOf(plans: readonly Plan[]): Generator<string> {
  for (const { flow } of plans) {
    for (const { destination } of nodesOf(flow).flatMap(destinationsOf)) {
      if ('ref' in destination && destination.ref !== undefined) yield destination.ref
    }
  }
}

const known = new WeakMap<Plan, string>()

/** The refs of a plan with their addresses, as a text that is another one when any of them is; empty: it has none. */
export function addressesIn(plan: Plan): string {
  let text = known.get(plan)
  if (text === undefined) {
    const called = nodesOf(plan.flow).toArray().flatMap(destinationsOf)
    const refs = called.flatMap(({ destination }) => {
      if (destination.kind === 'unresolved') return [destination.ref]
      return destination.kind === 'url' && destination.ref !== undefined
        ? [`${destination.ref}=${destination.url}`]
        : []
    })
    known.set(plan, (text = refs.join(' ')))
  }
  return text
}
