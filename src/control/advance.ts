import { messageOf } from '../errors.ts'
import { GrowingDelay } from '../growing-delay.ts'
import type { DesiredPhase } from '../pipeline/runtime-spec.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Controlled } from './controlled.ts'
import type { Dependencies } from './dependencies.ts'
import type { Entries } from './entries.ts'
import type { NeededProcess } from './needed-processes.ts'
import { numberDefinitions, type NumberingDeps } from './numbering.ts'
import type { Phases } from './phases.ts'
import type { Meaning } from './plan-of.ts'
import type { SerialWork } from './serial-work.ts'
import type { Surroundings } from './surroundings.ts'
import type { Served, ServedChanges, Standing } from './served.ts'
import { WatchedEntries } from './watched-entries.ts'

export interface AdvanceDeps {
  readonly meaning: Meaning
  /** Has this served from now on; resolves when all processes do so. */
  readonly serve: (changes: ServedChanges) => Promise<void>
  /** The requests of these pipelines that are in flight on this replica. */
  readonly standing: (pipelines: readonly string[]) => Promise<readonly Standing[]>
  /** The local processes of a pipeline, and whether they are to run. */
  readonly needProcesses: (pipeline: string, processes: readonly NeededProcess[], desiredPhase: DesiredPhase) => void
  readonly surroundings: Surroundings
  readonly log: Logger
}

export interface AdvanceParts {
  readonly entries: Entries
  readonly dependencies: Dependencies
  readonly phases: Phases
  readonly work: SerialWork
}

/** How often a pipeline that is under way from one phase to another is looked at, in milliseconds. */
const tickMs = 50

/** Lets pipelines go on, as far and as long as there is something to wait for. Disposing ends that. */
export class Advance implements Disposable {
  readonly #deps: AdvanceDeps & Pick<NumberingDeps, 'generations'>
  readonly #entries: Entries
  readonly #phases: Phases
  readonly #dependencies: Dependencies
  readonly #work: SerialWork
  #ticking: NodeJS.Timeout | undefined
  #numbering: NodeJS.Timeout | undefined
  readonly #numberingDelay = new GrowingDelay({ firstMs: 50, maxMs: 2_000 })
  readonly #watched = new WatchedEntries()
  /** Pipelines that are to be looked at again, since one that they have to do with has changed. */
  readonly #awakened = new Set<Controlled>()
  /** Those that could not go on the last time. */
  readonly #stuck = new WeakSet<Controlled>()

  constructor(
    deps: AdvanceDeps & Pick<NumberingDeps, 'generations'>,
    { entries, dependencies, phases, work }: AdvanceParts
  ) {
    this.#deps = deps
    this.#entries = entries
    this.#dependencies = dependencies
    this.#phases = phases
    this.#work = work
  }

  /** A local process has changed: pipelines that wait for it may go on. */
  processChanged(key: string): void {
    for (const entry of this.#watched.withProcess(key)) this.#awakened.add(entry)
    if (this.#awakened.size > 0) this.#tickSoon(0)
  }

  /** The surroundings of all are other ones than before. */
  tellAll(): void {
    for (const entry of this.#entries.all) this.#entries.tell(entry, this.#deps.surroundings)
  }

  /** Lets each go on as far as it can, and has served what came of it. */
  async advance(entries: readonly Controlled[]): Promise<void> {
    const { meaning, generations, serve, surroundings } = this.#deps
    await numberDefinitions(entries, { meaning, find: this.#entries.find, generations })
    const standings = await this.#standingsOf(entries)
    const put: Served[] = []
    const removed: string[] = []
    for (const entry of entries) this.#dependencies.update(entry)
    const ordered = this.#dependencies.inOrder(entries)
    for (const entry of ordered) {
      const { pipeline, situation } = entry
      const before = entry.served
      await this.#advanceOne(entry, standings.get(pipeline))
      const { served } = entry
      const isGone = entry.phase === 'Gone'
      if (isGone) this.#entries.remove(pipeline)
      if (isGone && before !== undefined) removed.push(pipeline)
      if (served !== undefined && !sameServed(before, served)) put.push(served)
      if (situation !== entry.situation || !sameServed(before, served)) this.#awaken(entry)
    }
    // Before processes start: what they tell meanwhile is theirs.
    for (const entry of entries) this.#watched.note(entry)
    this.#needProcesses(ordered)
    if (put.length > 0 || removed.length > 0) await serve({ put, removed })
    for (const entry of entries) this.#entries.tell(entry, surroundings)
    if (this.#awakened.size > 0) this.#tickSoon(0)
    else if (this.#watched.unsettled.size > 0) this.#tickSoon(tickMs)
    this.#numberLater()
  }

  /** Of all in one turn: whoever runs processes decides over them together. */
  #needProcesses(entries: readonly Controlled[]): void {
    for (const { pipeline, phase, needed, runs } of entries) {
      this.#deps.needProcesses(pipeline, phase === 'Gone' ? [] : needed, runs ? 'Running' : 'Paused')
    }
  }

  /** A store that is away is asked again, seldom at last, and not by all replicas at once. */
  #numberLater(): void {
    if (this.#watched.unnumbered.size === 0) this.#numberingDelay.reset()
    else if (this.#numbering === undefined && !this.#work.isClosed) {
      this.#numbering = setTimeout(() => {
        this.#numbering = undefined
        void this.#work.run(() => this.advance([...this.#watched.unnumbered])).catch(() => {})
      }, this.#numberingDelay.next())
    }
  }

  /** A defect of one does not trouble the others: it stays as it is. */
  async #advanceOne(entry: Controlled, standing: Standing | undefined): Promise<void> {
    try {
      await this.#phases.advance(entry, standing)
      this.#stuck.delete(entry)
    } catch (thrown) {
      if (this.#stuck.has(entry)) return
      this.#stuck.add(entry)
      this.#deps.log.error({ pipeline: entry.pipeline, reason: messageOf(thrown) }, 'a pipeline cannot go on')
    }
  }

  /** A change of one pipeline may be one of those that need it, and of those that it needs. */
  #awaken(entry: Controlled): void {
    for (const related of this.#dependencies.related(entry)) this.#awakened.add(related)
  }

  async #standingsOf(entries: readonly Controlled[]): Promise<ReadonlyMap<string, Standing>> {
    const asked = entries.filter(({ isDraining, retiring }) => isDraining || retiring.length > 0)
    if (asked.length === 0) return new Map()
    const standings = await this.#deps.standing(asked.map(({ pipeline }) => pipeline))
    return new Map(standings.map(each => [each.pipeline, each]))
  }

  /** Those that are to be looked at again. */
  #unsettled(): Controlled[] {
    const looked = new Set([...this.#watched.unsettled, ...this.#awakened])
    this.#awakened.clear()
    return [...looked].filter(entry => this.#entries.get(entry.pipeline) === entry)
  }

  #tickSoon(ms: number): void {
    if (this.#work.isClosed) return
    clearTimeout(this.#ticking)
    this.#ticking = setTimeout(() => {
      void this.#work.run(() => this.advance(this.#unsettled())).catch(() => {})
    }, ms)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#ticking)
    clearTimeout(this.#numbering)
  }
}

const sameServed = (a: Served | undefined, b: Served | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.plan === b.plan &&
    a.generation === b.generation &&
    a.gate === b.gate &&
    a.cut === b.cut &&
    a.blocked === b.blocked)
