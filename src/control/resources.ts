import type { Ledger } from '../ledger/ledger.ts'
import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'
import { ChangeFeed, type Change } from './change-feed.ts'
import type { Controlled } from './controlled.ts'
import type { HealthOf } from './process-health.ts'
import { OpenGenerations } from './open-generations.ts'
import type { Reconciler } from './reconciler.ts'
import { resourceOf, type Resource } from './resource.ts'
import { within } from '../telemetry/within.ts'
import type { Standing } from './served.ts'
import type { Surroundings } from './surroundings.ts'
import { stepStatuses, type BreakerOf, type TrafficOf } from './step-status.ts'

export interface ResourcesDeps {
  readonly reconciler: Pick<Reconciler, 'entries' | 'get' | 'watch' | 'keptDefinitions'>
  readonly standing: (pipelines: readonly string[]) => Promise<readonly Standing[]>
  /** The open store; none is opened only to be looked at. */
  readonly ledger: () => Pick<Ledger, 'pending' | 'deadLetters' | 'list'> | undefined
  readonly healthOf: HealthOf
  readonly trafficOf: TrafficOf
  readonly rolloutsOf: Surroundings['rolloutsOf']
  /** As the breakers are now. */
  readonly breakers: () => Promise<BreakerOf>
  /** `http://host:port` of the data plane. */
  readonly url: () => string
}

export interface ResourceChange {
  readonly type: Change
  readonly object: Resource
}

/** The definitions of a kind, of one namespace or of all, or one of them. */
export interface ResourceFilter {
  readonly kind: DefinitionKind
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** Resources that are looked up together for a watch that begins. */
const atOnce = 100

/** The pipelines as the admin plane shows them. */
export class Resources {
  readonly #deps: ResourcesDeps
  readonly #open = new OpenGenerations()

  constructor(deps: ResourcesDeps) {
    this.#deps = deps
  }

  async get(pipeline: string, kind: DefinitionKind): Promise<Resource | undefined> {
    const entry = this.#deps.reconciler.get(pipeline)
    return entry?.halves.has(kind) === true ? (await this.#shown([entry], kind))[0] : undefined
  }

  /** In the order of their names; those after the one that is called so. */
  async list(filter: ResourceFilter, after: string | undefined, limit: number): Promise<readonly Resource[]> {
    const names = this.#names(filter).filter(pipeline => after === undefined || pipeline > after)
    return this.#named(names.slice(0, limit), filter.kind)
  }

  /**
   * Each that is there as ADDED, unless only changes are wanted; then each change of a definition, a phase or a
   * condition, until the signal aborts. `undefined`: there was none for so many milliseconds.
   */
  async *watch(
    filter: ResourceFilter,
    { changesOnly, quietMs, signal }: WatchOptions
  ): AsyncGenerator<ResourceChange | undefined> {
    const names = this.#names(filter)
    using feed = new ChangeFeed(this.#deps.reconciler, names, {
      wants: entry => isAt(entry.pipeline, filter),
      has: ({ halves }) => halves.has(filter.kind)
    })
    const shown = changesOnly ? [] : names
    for (let i = 0; i < shown.length && !signal.aborted; i += atOnce) {
      for (const object of await this.#named(shown.slice(i, i + atOnce), filter.kind)) yield { type: 'ADDED', object }
    }
    while (!signal.aborted) {
      const next = feed.take()
      if (next === undefined) {
        if (!(await within(quietMs, feed.arrived, signal)) && !signal.aborted) yield undefined
        continue
      }
      const [object] = await this.#shown([next.entry], filter.kind)
      if (object !== undefined) yield { type: next.change, object }
    }
  }

  #names(filter: ResourceFilter): string[] {
    const entries = this.#deps.reconciler.entries.filter(entry => isOf(entry, filter))
    return entries.map(({ pipeline }) => pipeline).sort()
  }

  #named(pipelines: readonly string[], kind: DefinitionKind): Promise<readonly Resource[]> {
    return this.#shown(
      pipelines.flatMap(pipeline => this.#deps.reconciler.get(pipeline) ?? []),
      kind
    )
  }

  async #shown(entries: readonly Controlled[], kind: DefinitionKind): Promise<readonly Resource[]> {
    const { standing, breakers, healthOf, trafficOf, rolloutsOf, url } = this.#deps
    const [standings, breakerOf] = await Promise.all([standing(entries.map(({ pipeline }) => pipeline)), breakers()])
    const byPipeline = new Map(standings.map(each => [each.pipeline, each]))
    const resources = await Promise.all(
      entries.map(async entry =>
        resourceOf(entry, kind, {
          ...(await this.#stored(entry)),
          standing: byPipeline.get(entry.pipeline),
          steps: stepStatuses(entry, { healthOf, breakerOf, trafficOf, rolloutsOf }),
          url: `${url()}/${entry.pipeline}`
        })
      )
    )
    return resources.filter(resource => resource !== undefined)
  }

  /** The part of the facts that the store has; nothing of them while it is closed or away. */
  async #stored(entry: Controlled) {
    const { pipeline, phase } = entry
    const ledger = this.#deps.ledger()
    if (ledger === undefined) return nothingStored
    try {
      const [{ queued, claimed }, deadLetters, cuts] = await Promise.all([
        ledger.pending(pipeline),
        ledger.deadLetters.count(pipeline),
        phase === 'Paused' ? (this.#deps.reconciler.keptDefinitions?.cuts.of(pipeline) ?? 0) : 0
      ])
      const open = await this.#open.of(ledger, pipeline, queued + claimed)
      return { pending: queued, deadLetters, cuts, open }
    } catch {
      // Whether a pause put something back is not known then.
      return { ...nothingStored, cuts: Infinity }
    }
  }
}

export interface WatchOptions {
  readonly changesOnly: boolean
  readonly quietMs: number
  readonly signal: AbortSignal
}

const nothingStored = { pending: 0, deadLetters: 0, cuts: 0, open: new Map<number, number>() }

const isOf = (entry: Controlled, { kind, namespace, name }: ResourceFilter): boolean =>
  entry.halves.has(kind) && isAt(entry.pipeline, { namespace, name })

const isAt = (pipeline: string, { namespace, name }: Omit<ResourceFilter, 'kind'>): boolean =>
  (namespace === undefined || pipeline.startsWith(`${namespace}/`)) &&
  (name === undefined || pipeline.endsWith(`/${name}`))
