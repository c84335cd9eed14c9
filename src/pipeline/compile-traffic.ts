import { createHash } from 'node:crypto'
import { isAwaited } from './canary-ref.ts'
import { compileDestination } from './compile-destination.ts'
import type { Scope } from './compile-scope.ts'
import type { Destination } from './destination.ts'
import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import { ownEntry, type Mirror, type Rollout, type TrafficEntry } from './node.ts'
import type { RolloutSpec } from './spec/rollout-spec.ts'
import type { StepSpec } from './spec/step-spec.ts'
import type { MirrorSpec } from './spec/traffic-spec.ts'

const none: readonly TrafficEntry[] = []

/**
 * The entries with their shares. The share that no `percent` names goes evenly to those without one, and only where there
 * are none to the step's own destination. The entry that is rolled out has none until it is given one, and what is deployed
 * for an entry has none until it was ready.
 */
export function compileTraffic(
  { traffic: specs, rollout }: Pick<StepSpec, 'traffic' | 'rollout'>,
  own: Destination | undefined,
  scope: Scope
): readonly TrafficEntry[] {
  if (specs === undefined) return none
  const left = 100 - specs.reduce((sum, { percent = 0 }) => sum + percent, 0)
  const isRolled = (tag: string | undefined): boolean => tag !== undefined && tag === rollout?.tag
  const sharing = specs.filter(({ percent, tag }) => percent === undefined && !isRolled(tag)).length
  const entries = specs.map((spec, i) => ({
    name: spec.tag ?? `@${i + 1}`,
    tag: spec.tag,
    percent: spec.percent ?? (isRolled(spec.tag) ? 0 : left / sharing),
    destination: compileDestination(spec, scope)
  }))
  if (own === undefined) return entries
  return withoutAwaited([
    ...entries,
    { name: ownEntry, tag: undefined, percent: sharing > 0 ? 0 : left, destination: own }
  ])
}

/** The others share what an awaited entry has as they share the rest; where they have nothing, it is the step's own. */
function withoutAwaited(entries: readonly TrafficEntry[]): readonly TrafficEntry[] {
  if (!entries.some(({ destination }) => isAwaited(destination))) return entries
  const there = entries.reduce((sum, { destination, percent }) => sum + (isAwaited(destination) ? 0 : percent), 0)
  const shareOf = ({ name, percent, destination }: TrafficEntry): number => {
    if (isAwaited(destination)) return 0
    if (there === 0) return name === ownEntry ? 100 : 0
    return (percent * 100) / there
  }
  return entries.map(entry => ({ ...entry, percent: shareOf(entry) }))
}

export const compileMirror = (spec: MirrorSpec | undefined, scope: Scope): Mirror | undefined =>
  spec && { destination: compileDestination(spec, scope), percent: spec.percent ?? 100 }

export function compileRollout(spec: RolloutSpec | undefined, traffic: readonly TrafficEntry[]): Rollout | undefined {
  if (spec === undefined) return undefined
  const { steps, every, minCalls, failurePercent } = defaults.rollout
  const { abortAbove = {} } = spec
  return {
    tag: spec.tag,
    of: addressOf(traffic.find(({ tag }) => tag === spec.tag)?.destination),
    steps: spec.steps ?? steps,
    everyMs: durationMs(spec.every ?? every),
    minCalls: spec.minCalls ?? minCalls,
    failurePercent: abortAbove.failurePercent ?? (abortAbove.p95 === undefined ? failurePercent : Infinity),
    p95Ms: abortAbove.p95 === undefined ? Infinity : durationMs(abortAbove.p95)
  }
}

/** A new address behind a reference is not a new destination. A URL may have a secret in its query. */
function addressOf(destination: Destination | undefined): string {
  const ref = destination !== undefined && 'ref' in destination ? destination.ref : undefined
  const address = ref ?? (destination?.kind === 'url' ? destination.url : JSON.stringify(destination))
  return createHash('sha256')
    .update(address ?? '')
    .digest('base64url')
    .slice(0, 12)
}
