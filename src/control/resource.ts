import type { DefinitionKind, WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'
import type { Condition } from './conditions.ts'
import type { Controlled } from './controlled.ts'
import { versionOf, writtenIn } from './half.ts'
import type { Phase } from './lifecycle.ts'
import type { Standing } from './served.ts'
import type { StepStatus } from './step-status.ts'

/** A pipeline as the admin plane shows it: as it was written, and how it does. Times are RFC 3339. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: WrittenPipeline['metadata'] & {
    readonly namespace: string
    readonly creationTimestamp: string
    readonly generation: number
    readonly resourceVersion: string
  }
  /** `undefined`: no good definition of it is known. */
  readonly spec: WrittenPipeline['spec'] | undefined
  readonly status: Status
}

export interface Status {
  readonly phase: Phase
  readonly conditions: readonly Condition[]
  /** The generation that was looked at last, good or faulty. */
  readonly observedGeneration: number
  /** Those before the current one of which requests are open. */
  readonly generations: readonly { readonly generation: number; readonly open: number }[]
  readonly steps: readonly StepStatus[]
  /** Requests that run on this replica. */
  readonly inFlight: number
  /** Stored requests that wait. */
  readonly pending: number
  readonly deadLetters: number
  /** Absent: nobody can call it. */
  readonly url?: string
  /** It is paused, and nothing had to be put back or ended for that, on any replica. */
  readonly drainedOnPause: boolean
  /** The fields of the ServingPipeline that are those of the Pipeline of its name. */
  readonly taken: readonly string[]
}

/** The parts of a status that the reconciler does not know. */
export interface StatusFacts {
  readonly standing: Standing | undefined
  readonly pending: number
  readonly deadLetters: number
  /** Open stored requests, by the generation that accepted them. */
  readonly open: ReadonlyMap<number, number>
  /** Requests that were put back or ended since the pause began, on all replicas. */
  readonly cuts: number
  readonly steps: readonly StepStatus[]
  readonly url: string
}

/** `undefined`: it has never had a definition of that kind. */
export function resourceOf(entry: Controlled, kind: DefinitionKind, facts: StatusFacts): Resource | undefined {
  const half = entry.halves.get(kind) ?? entry.formerHalves.get(kind)
  if (half === undefined) return undefined
  const definition = writtenIn(half)
  const [namespace = '', name = ''] = entry.pipeline.split('/')
  const status = statusOf(entry, kind, facts)
  return {
    apiVersion: definition?.apiVersion ?? 'sluice.dev/v1alpha1',
    kind,
    metadata: {
      ...ownMetadata(half.claim.definition?.definition),
      name,
      namespace,
      creationTimestamp: new Date(half.createdAt).toISOString(),
      generation: entry.wanted?.generation ?? 0,
      resourceVersion: versionOf(half)
    },
    spec: definition?.spec,
    status: entry.halves.has(kind) ? status : { ...status, phase: 'Deleting' }
  }
}

/** The part of it that a person writes; the rest is Kubernetes' own, or ours. */
function ownMetadata(
  definition: WrittenPipeline | undefined
): Pick<WrittenPipeline['metadata'], 'labels' | 'annotations'> {
  const { labels, annotations } = definition?.metadata ?? {}
  return { ...(labels && { labels }), ...(annotations && { annotations }) }
}

function statusOf(entry: Controlled, kind: DefinitionKind, { standing, cuts, ...facts }: StatusFacts): Status {
  const { phase, conditions, wanted } = entry
  const counts = standing?.inFlight ?? []
  return {
    phase: shownPhase(entry, standing),
    conditions,
    observedGeneration: wanted?.generation ?? 0,
    generations: olderOpen(entry, facts.open, standing),
    steps: facts.steps,
    inFlight: counts.reduce((sum, { count }) => sum + count, 0),
    pending: facts.pending,
    deadLetters: facts.deadLetters,
    ...(kind === 'ServingPipeline' && { url: facts.url }),
    drainedOnPause: phase === 'Paused' && Math.max(cuts, entry.cutCount) === 0,
    taken: entry.joined.one?.taken ?? []
  }
}

/** Stored requests of an older generation may be begun long after the next one took over, and nobody is told of that. */
function shownPhase({ phase, current }: Controlled, standing: Standing | undefined): Phase {
  if (phase === 'Gone') return 'Deleting'
  const rolls = standing?.inFlight.some(({ generation, count }) => generation !== current?.generation && count > 0)
  return rolls === true && (phase === 'Running' || phase === 'Scaling') ? 'RollingUpdate' : phase
}

/** Requests of older generations: those in the store, and on this replica those whose callers wait. */
function olderOpen({ current }: Controlled, stored: StatusFacts['open'], standing: Standing | undefined) {
  const open = new Map(stored)
  for (const each of standing?.inFlight ?? []) {
    const known = open.get(each.generation)
    open.set(each.generation, known === undefined ? each.count : known + each.count - each.stored)
  }
  open.delete(current?.generation ?? 0)
  return [...open]
    .filter(([, count]) => count > 0)
    .map(([generation, count]) => ({ generation, open: count }))
    .sort((a, b) => a.generation - b.generation)
}
