import type { Controlled } from './controlled.ts'
import type { Numbered } from './numbered.ts'
import type { Phase } from './lifecycle.ts'

export interface DependenciesDeps {
  readonly find: (pipeline: string) => Controlled | undefined
}

const noNeeds: readonly string[] = []

/** The pipelines that need others: they are paused with them, before them, and do not serve without them. */
export class Dependencies {
  readonly #find: DependenciesDeps['find']
  readonly #needs = new Map<string, readonly string[]>()
  readonly #needers = new Map<string, Set<string>>()

  constructor({ find }: DependenciesDeps) {
    this.#find = find
  }

  /** The needs of the pipeline may have changed. */
  update({ pipeline, generations, phase }: Controlled): void {
    const before = this.#needs.get(pipeline) ?? noNeeds
    const now = phase === 'Gone' ? noNeeds : [...new Set(generations.flatMap(({ needs }) => [...needs]))]
    if (before.length === 0 && now.length === 0) return
    for (const needed of before) this.#forget(needed, pipeline)
    for (const needed of now) this.#needers.set(needed, (this.#needers.get(needed) ?? new Set()).add(pipeline))
    if (now.length === 0) this.#needs.delete(pipeline)
    else this.#needs.set(pipeline, now)
  }

  #forget(needed: string, needer: string): void {
    const needers = this.#needers.get(needed)
    needers?.delete(needer)
    if (needers?.size === 0) this.#needers.delete(needed)
  }

  /** Those that need it, and those that it needs: a change of it may be one of theirs. */
  related({ pipeline }: Controlled): readonly Controlled[] {
    const names = [...(this.#needers.get(pipeline) ?? noNeeds), ...(this.#needs.get(pipeline) ?? noNeeds)]
    return names.flatMap(name => this.#find(name) ?? [])
  }

  /** Whether any pipeline needs this one, be it there or not. */
  isNeeded(pipeline: string): boolean {
    return this.#needers.has(pipeline)
  }

  /** All that need any of these, or need one that does. */
  needersOf(entries: readonly Controlled[]): readonly Controlled[] {
    const found = new Set<Controlled>()
    const look = (pipeline: string): void => {
      for (const name of this.#needers.get(pipeline) ?? noNeeds) {
        const needer = this.#find(name)
        if (needer === undefined || found.has(needer)) continue
        found.add(needer)
        look(name)
      }
    }
    for (const { pipeline } of entries) look(pipeline)
    return [...found]
  }

  /** Those that others need before these. */
  inOrder(entries: readonly Controlled[]): readonly Controlled[] {
    if (this.#needs.size === 0) return entries
    const given = new Set(entries)
    const seen = new Set<Controlled>()
    const ordered: Controlled[] = []
    const add = (entry: Controlled): void => {
      if (seen.has(entry)) return
      seen.add(entry)
      for (const needed of this.#needs.get(entry.pipeline) ?? noNeeds) {
        const found = this.#find(needed)
        if (found !== undefined) add(found)
      }
      if (given.has(entry)) ordered.push(entry)
    }
    for (const entry of entries) add(entry)
    return ordered
  }

  /** The pipeline with which this one is to be paused; `undefined`: there is none. */
  pausedWith(entry: Controlled, seen = new Set<Controlled>()): string | undefined {
    seen.add(entry)
    const needed = entry.current?.needs ?? entry.wanted?.needs
    for (const name of needed ?? noNeeds) {
      const found = this.#find(name)
      if (found === undefined || found.deleted || seen.has(found)) continue
      const isPaused = stands.has(found.phase) || found.desiredPhase === 'Paused'
      if (isPaused || this.pausedWith(found, seen) !== undefined) return name
    }
    return undefined
  }

  /** Whether all that need it stand still, so that it may be paused. */
  mayPause({ pipeline }: Controlled): boolean {
    return [...(this.#needers.get(pipeline) ?? noNeeds)].every(name => {
      const needer = this.#find(name)
      return needer?.current?.needs.has(pipeline) !== true || over.has(needer.phase)
    })
  }

  /** Why a generation cannot serve, in words that follow its name; `undefined`: all that it needs is there. */
  blockOf({ needs }: Numbered): string | undefined {
    const lacking = [...needs].flatMap(name => {
      const found = this.#find(name)
      if (found === undefined || found.deleted) return [`pipeline ${name}, which is not there`]
      const serves = found.current !== undefined && found.phase !== 'Failed' && found.phase !== 'Pending'
      return serves || stands.has(found.phase) ? [] : [`pipeline ${name}, which cannot serve`]
    })
    return lacking.length === 0 ? undefined : `it needs ${lacking.join(', and ')}`
  }
}

const stands: ReadonlySet<Phase> = new Set(['Pausing', 'Paused'])
const over: ReadonlySet<Phase> = new Set(['Paused', 'Deleting', 'Gone'])
