import { destinationsOf } from './destinations-of.ts'
import { nodesOf } from './nodes-of.ts'
import type { Plan } from './plan.ts'

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
