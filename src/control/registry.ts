import { Admission } from '../flow/admission.ts'
import { Serving, type ServingDeps } from '../flow/serving.ts'
import type { Plan } from '../pipeline/plan.ts'
import { addedUp } from './added-up.ts'
import type { InFlightOf, Served, ServedChanges, Standing } from './served.ts'

export interface RegistryDeps extends ServingDeps {
  /** A generation is not current any more: what only it needed may go. */
  readonly onRetired: (serving: Serving) => void
  /** A pipeline is not served any more. */
  readonly onRemoved: (pipeline: string) => void
}

/** One pipeline: its current generation, and those before it of which something still runs. */
interface Entry {
  readonly admission: Admission
  current: Serving
  /** Replaced while something of them ran. */
  older: readonly Serving[]
  /** Looked up for requests that were accepted with them. */
  readonly former: Set<Serving>
}

/** The pipelines that are served, by `namespace/name`. */
export class Registry {
  readonly #entries = new Map<string, Entry>()
  readonly #deps: RegistryDeps

  constructor(deps: RegistryDeps) {
    this.#deps = deps
  }

  apply({ put, removed }: ServedChanges): void {
    for (const served of put) this.#put(served)
    for (const pipeline of removed) this.#remove(pipeline)
  }

  get(pipeline: string): Serving | undefined {
    return this.#entries.get(pipeline)?.current
  }

  find(namespace: string, name: string): Serving | undefined {
    return this.get(`${namespace}/${name}`)
  }

  /** All that are served. */
  *servings(): Generator<Serving> {
    for (const { current } of this.#entries.values()) yield current
  }

  /** Those too that are not current, but of which something runs. */
  *all(): Generator<Serving> {
    for (const { current, older, former } of this.#entries.values()) yield* [current, ...older, ...former]
  }

  /** A generation that is not current, for the requests that were accepted with it, until it is retired. */
  former(plan: Plan, generation: number): Serving {
    const entry = this.#entries.get(plan.pipeline)
    const serving = new Serving(plan, generation, entry?.admission ?? new Admission(plan.pipeline), this.#deps)
    entry?.former.add(serving)
    return serving
  }

  retire(former: Serving): void {
    this.#entries.get(former.plan.pipeline)?.former.delete(former)
    this.#deps.onRetired(former)
  }

  /** The requests of these pipelines that run. */
  standing(pipelines: readonly string[]): readonly Standing[] {
    return pipelines.flatMap(pipeline => {
      const entry = this.#entries.get(pipeline)
      if (entry === undefined) return []
      const over = entry.older.filter(({ inFlight }) => inFlight === 0)
      entry.older = entry.older.filter(({ inFlight }) => inFlight > 0)
      for (const serving of over) this.#deps.onRetired(serving)
      return [{ pipeline, inFlight: inFlightOf(entry), cut: entry.admission.cutCount }]
    })
  }

  #put({ plan, generation, gate, cut, blocked }: Served): void {
    const entry = this.#entries.get(plan.pipeline)
    if (entry === undefined) {
      const admission = new Admission(plan.pipeline)
      admission.set(gate, cut)
      admission.block(blocked)
      const current = new Serving(plan, generation, admission, this.#deps)
      this.#entries.set(plan.pipeline, { admission, current, older: [], former: new Set() })
      return
    }
    entry.admission.set(gate, cut)
    entry.admission.block(blocked)
    if (plan === entry.current.plan) entry.current.generation = generation
    else this.#replace(entry, plan, generation)
  }

  #replace(entry: Entry, plan: Plan, generation: number): void {
    const before = entry.current
    entry.current = new Serving(plan, generation, entry.admission, this.#deps)
    entry.older = [...entry.older, before].filter(({ inFlight }) => inFlight > 0)
    this.#deps.onRetired(before)
  }

  #remove(pipeline: string): void {
    const entry = this.#entries.get(pipeline)
    if (entry === undefined) return
    this.#entries.delete(pipeline)
    this.#deps.onRetired(entry.current)
    this.#deps.onRemoved(pipeline)
  }
}

function inFlightOf({ current, older, former }: Entry): InFlightOf[] {
  const all = [current, ...older, ...former].map(({ generation, inFlight, storedInFlight }) => ({
    generation,
    count: inFlight,
    stored: storedInFlight
  }))
  return addedUp(all)
}
