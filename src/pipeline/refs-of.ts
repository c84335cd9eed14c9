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
