import { compileDestination } from './compile-destination.ts'
import type { Scope } from './compile-scope.ts'
import type { Destination } from './destination.ts'
import { ownEntry, type Mirror, type TrafficEntry } from './node.ts'
import type { MirrorSpec, TrafficSpec } from './spec/traffic-spec.ts'

const none: readonly TrafficEntry[] = []

/**
 * The entries with their shares. What no `percent` names is shared evenly by those without one, and only where there is
 * none goes to the step's own destination.
 */
export function compileTraffic(
  specs: TrafficSpec | undefined,
  own: Destination | undefined,
  scope: Scope
): readonly TrafficEntry[] {
  if (specs === undefined) return none
  const left = 100 - specs.reduce((sum, { percent = 0 }) => sum + percent, 0)
  const sharing = specs.filter(({ percent }) => percent === undefined).length
  const entries = specs.map((spec, i) => ({
    name: spec.tag ?? `@${i + 1}`,
    tag: spec.tag,
    percent: spec.percent ?? left / sharing,
    destination: compileDestination(spec, scope)
  }))
  if (own === undefined) return entries
  return [...entries, { name: ownEntry, tag: undefined, percent: sharing > 0 ? 0 : left, destination: own }]
}

export const compileMirror = (spec: MirrorSpec | undefined, scope: Scope): Mirror | undefined =>
  spec && { destination: compileDestination(spec, scope), percent: spec.percent ?? 100 }
