import type { Controlled } from './controlled.ts'

/** Which pipelines are to be looked at again, without looking at all of them: each is noted when it has been advanced. */
export class WatchedEntries {
  readonly #unsettled = new Set<Controlled>()
  readonly #unnumbered = new Set<Controlled>()
  /** By the keys of the processes that they may run. */
  readonly #byProcess = new Map<string, Set<Controlled>>()
  readonly #keys = new Map<Controlled, readonly string[]>()

  note(entry: Controlled): void {
    const isGone = entry.phase === 'Gone'
    keep(this.#unsettled, entry, !isGone && entry.isUnsettled)
    keep(this.#unnumbered, entry, !isGone && entry.storeFault !== undefined)
    this.#noteKeys(entry, isGone ? [] : entry.processes.map(({ key }) => key))
  }

  /** They wait for something that nobody tells of. */
  get unsettled(): ReadonlySet<Controlled> {
    return this.#unsettled
  }

  /** They could not be numbered, since the store is away. */
  get unnumbered(): ReadonlySet<Controlled> {
    return this.#unnumbered
  }

  /** Those that may run the process. */
  withProcess(key: string): Iterable<Controlled> {
    return this.#byProcess.get(key) ?? []
  }

  #noteKeys(entry: Controlled, keys: readonly string[]): void {
    const before = this.#keys.get(entry) ?? []
    for (const key of before) {
      const entries = this.#byProcess.get(key)
      entries?.delete(entry)
      if (entries?.size === 0) this.#byProcess.delete(key)
    }
    for (const key of keys) this.#byProcess.set(key, (this.#byProcess.get(key) ?? new Set()).add(entry))
    if (keys.length > 0) this.#keys.set(entry, keys)
    else this.#keys.delete(entry)
  }
}

function keep(entries: Set<Controlled>, entry: Controlled, isIn: boolean): void {
  if (isIn) entries.add(entry)
  else entries.delete(entry)
}
