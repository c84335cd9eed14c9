import { destinationName } from '../delivery/destination-name.ts'
import type { Serving } from '../flow/serving.ts'
import { destinationsOf } from '../pipeline/destinations-of.ts'
import { nodesOf } from '../pipeline/nodes-of.ts'
import type { Plan } from '../pipeline/plan.ts'

const namesOfPlans = new WeakMap<Plan, ReadonlySet<string>>()

/**
 * The destinations of a generation that is over which nothing calls that is still served: their names, the refs
 * that led to them, as a Service has one line of calls for all its paths, and the URLs of Redis, as one connection has all
 * streams of a URL.
 */
export function unusedDestinations({ plan, isTied }: Serving, servings: Iterable<Serving>): ReadonlySet<string> {
  // One that no request came to has no breaker.
  const unused = isTied ? new Set(namesOf(plan)) : new Set<string>()
  for (const other of unused.size > 0 ? servings : []) {
    for (const name of namesOf(other.plan)) unused.delete(name)
    if (unused.size === 0) break
  }
  return unused
}

function namesOf(plan: Plan): ReadonlySet<string> {
  let names = namesOfPlans.get(plan)
  if (names === undefined) {
    names = new Set(
      nodesOf(plan.flow)
        .flatMap(destinationsOf)
        .flatMap(({ destination }) => [
          destinationName(destination),
          ...(destination.kind === 'url' && destination.ref !== undefined ? [destination.ref] : []),
          ...(destination.kind === 'redisStream' ? [destination.url] : [])
        ])
    )
    namesOfPlans.set(plan, names)
  }
  return names
}
