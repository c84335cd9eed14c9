import type { Ledger } from '../ledger/ledger.ts'
import type { WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'
import { Advance, type AdvanceDeps } from './advance.ts'
import type { Controlled } from './controlled.ts'
import { Deletions } from './deletions.ts'
import { Dependencies } from './dependencies.ts'
import { Entries } from './entries.ts'
import type { Generations } from './generations.ts'
import type { KeptDefinition, KeptDefinitions } from './kept-definitions.ts'
import { KeptReading } from './kept-reading.ts'
import { KeptSources } from './kept-sources.ts'
import { renumber } from './numbering.ts'
import { Phases } from './phases.ts'
import { Quiet } from './quiet.ts'
import { SerialWork } from './serial-work.ts'
import type { Served } from './served.ts'
import { SourceReadings } from './source-readings.ts'
import type { DefinitionSource } from './definition-source.ts'
import { startProblems } from './start-problems.ts'

export interface ReconcilerDeps extends AdvanceDeps {
  /** In the order of the command line. */
  readonly sources: readonly DefinitionSource[]
  /** Names this replica in the store. */
  readonly replica: string
}

/** The store, as far as definitions need it. */
export interface ControlDocuments {
  readonly ledger: Pick<Ledger, 'documents' | 'pending' | 'list' | 'read' | 'cancel'>
  readonly generations: Generations
}

/** Makes what is served match what is written: the one place where it is decided which generation of a pipeline serves. */
export class Reconciler implements AsyncDisposable {
  readonly #deps: ReconcilerDeps
  readonly #sources: SourceReadings
  readonly #entries: Entries
  readonly #dependencies = new Dependencies({ find: pipeline => this.get(pipeline) })
  readonly #kept = new KeptReading()
  readonly #advance: Advance
  readonly #deletions = new Deletions({
    kept: this.#kept,
    find: pipeline => this.get(pipeline),
    ledger: () => this.#store?.ledger,
    refresh: () => this.refresh()
  })
  readonly #work: SerialWork
  readonly #quiet: Quiet
  readonly #compileReferring: () => void
  readonly #lookAtHeaders: () => void
  #store: ControlDocuments | undefined
  #keptSources: KeptSources | undefined

  constructor(deps: ReconcilerDeps) {
    const { sources, log } = deps
    this.#deps = deps
    this.#sources = new SourceReadings(sources, log)
    this.#entries = new Entries(log)
    this.#work = new SerialWork(log)
    this.#advance = new Advance(
      { ...deps, generations: () => this.#store?.generations },
      {
        entries: this.#entries,
        dependencies: this.#dependencies,
        phases: this.#createPhases(deps),
        work: this.#work
      }
    )
    this.#quiet = new Quiet(
      this.#work.soon(async () => {
        if (await this.#sources.read()) await this.#reconcile()
      })
    )
    this.#compileReferring = this.#work.soon(() => this.#advance.advance(this.entries.filter(({ refers }) => refers)))
    this.#lookAtHeaders = this.#work.soon(() => this.#advance.advance(this.entries.filter(({ sends }) => sends)))
  }

  /** Reads the sources for the first time, and tells of what they have; nothing is served yet. */
  async read(): Promise<readonly WrittenPipeline[]> {
    await this.#sources.read()
    return this.#sources.claims.flatMap(({ definition }) => definition?.definition ?? [])
  }

  /** The store is open: what it keeps counts, and definitions get their numbers from it. */
  storeOpened(store: ControlDocuments): Promise<void> {
    return this.#work.run(async () => {
      this.#store = store
      this.#kept.open(store.ledger.documents)
      this.#keptSources = new KeptSources(store.ledger.documents)
      await this.#readKept()
      await this.#entries.taken.open(store.ledger.documents)
      await this.#sources.fillUp(this.#keptSources)
      await this.#reconcile()
      await renumber(this.entries, store.generations)
      await this.#deps.serve({ put: this.served, removed: [] })
      this.#advance.tellAll()
    })
  }

  /** Serves what there is. Answers what keeps a gateway from starting that does not watch: faults, and names that are taken. */
  async begin(): Promise<readonly string[]> {
    await this.#work.run(() => this.#reconcile())
    this.#entries.tellsNew = true
    return startProblems(this.#sources, this.entries)
  }

  /** Follows the sources from now on. */
  watchSources(): void {
    this.#sources.watch(() => {
      if (!this.#work.isClosed) this.#quiet.disturb()
    })
  }

  /** Reads all sources again; resolves when what they say is served. */
  reread(): Promise<void> {
    return this.#work.run(async () => {
      await this.#sources.read()
      await this.#reconcile()
    })
  }

  /** Looks whether what is kept has changed, here or by another replica. */
  async followStore(): Promise<void> {
    if (await this.#kept.isOld()) await this.refresh()
  }

  /** The kept definitions have changed; resolves when they are served so. */
  refresh(): Promise<void> {
    return this.#work.run(async () => this.#reconcileSome(await this.#readKept()))
  }

  get(pipeline: string): Controlled | undefined {
    return this.#entries.get(pipeline)
  }

  get entries(): readonly Controlled[] {
    return this.#entries.all
  }

  get keptDefinitions(): KeptDefinitions | undefined {
    return this.#kept.store
  }

  /** Of a deleted one too, whose version is not given again. By the key of the definition. */
  keptVersion(key: string): KeptDefinition | undefined {
    return this.#kept.definitions.get(key)
  }

  /** All that is served now. */
  get served(): readonly Served[] {
    return this.#entries.served
  }

  /** The plan that serves under this name; `undefined`: nothing does. */
  servedOf(pipeline: string): Served | undefined {
    return this.#entries.get(pipeline)?.served
  }

  /** Sources of which the last known good set is served, each with its reason. */
  get awaySources(): readonly { readonly source: string; readonly reason: string }[] {
    return this.#sources.away
  }

  /** Calls back with each pipeline whose definition, phase or conditions have changed. */
  watch(onChange: (entry: Controlled) => void): Disposable {
    return this.#entries.watch(onChange)
  }

  /** Refs may have other addresses than before: those who have any are compiled again. */
  addressesChanged(): void {
    this.#compileReferring()
  }

  /** Headers may have a value that had none, or none any more. */
  valuesChanged(): void {
    this.#lookAtHeaders()
  }

  /** The things that are told of pipelines beside their definitions have changed. */
  surroundingsChanged(): void {
    this.#advance.tellAll()
  }

  /** A local process has changed: pipelines that wait for it may go on. */
  processChanged(key: string): void {
    this.#advance.processChanged(key)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#work[Symbol.asyncDispose]()
    this.#quiet[Symbol.dispose]()
    this.#advance[Symbol.dispose]()
    this.#sources[Symbol.dispose]()
    await Promise.all([ended, this.#deletions[Symbol.asyncDispose]()])
  }

  #createPhases({ surroundings, replica, log }: ReconcilerDeps): Phases {
    return new Phases({
      surroundings,
      dependencies: this.#dependencies,
      replica,
      kept: () => this.#kept.store,
      ledger: () => this.#store?.ledger,
      removed: pipeline => this.#deletions.finish(pipeline),
      log
    })
  }

  /** Answers the names of which something else is kept than before. */
  async #readKept(): Promise<ReadonlySet<string>> {
    const changed = await this.#kept.read()
    this.#deletions.finishAbsent()
    return changed
  }

  #reconcile(): Promise<void> {
    return this.#take(this.#entries.take([...this.#sources.claims, ...this.#kept.claims], this.#kept))
  }

  /** Where nothing else is judged by these, only they are looked at: a change of one of ten thousand is one of one. */
  #reconcileSome(names: ReadonlySet<string>): Promise<void> {
    const claims = [...names].flatMap(name => [...this.#sources.claimsOf(name), ...this.#kept.claimsOf(name)])
    const isNeeded = [...names].some(name => this.#dependencies.isNeeded(name))
    if (isNeeded || !this.#entries.areApart(names, claims)) return this.#reconcile()
    return this.#take(this.#entries.takeApart(names, claims, this.#kept))
  }

  /** Those that nest what has changed are compiled anew. */
  async #take(touched: readonly Controlled[]): Promise<void> {
    const nesting = this.#dependencies.needersOf(touched).filter(({ nests }) => nests)
    await this.#kept.forgetOld(touched)
    await this.#advance.advance([...new Set([...touched, ...nesting])])
    this.#deletions.finishHalves()
    // While the store is away it is tried again.
    await this.#entries.taken.keep().catch(() => {})
    if (this.#keptSources !== undefined) await this.#sources.keep(this.#keptSources)
  }
}
