// Decisions over all pipelines together share their state.
// oxlint-disable max-lines
import { resolve as resolvePath } from 'node:path'
import type { Ledger } from '../ledger/ledger.ts'
import { defaults } from '../pipeline/defaults.ts'
import { compile } from '../pipeline/compile.ts'
import { formatFault, type Fault } from '../pipeline/fault.ts'
import { nestingFaults } from '../pipeline/nesting-faults.ts'
import type { DesiredPhase } from '../pipeline/runtime-spec.ts'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'
import type { Logger } from '../telemetry/log.ts'
import { award, claimsOf, lastGoodOf, nameless, placeOf, type Award, type Claim, type LastGood } from './claims.ts'
import { cancelOpen } from './cancel-open.ts'
import { conditionsOf } from './conditions.ts'
import { Controlled, type Numbered } from './controlled.ts'
import { digestOf } from './digest-of.ts'
import type { Generations } from './generations.ts'
import { KeptDefinitions, nothingKept, type Kept } from './kept-definitions.ts'
import { KeptSources, type KeptClaim } from './kept-sources.ts'
import { transition, type LifecycleAction, type LifecycleEvent } from './lifecycle.ts'
import type { NeededProcess } from './needed-processes.ts'
import { findingsOf, areReady, neverServed, observedEvent, type HealthOf } from './observe.ts'
import type { Meaning } from './plan-of.ts'
import { processesOf } from './processes-of.ts'
import type { Served, ServedChanges, Standing } from './served.ts'
import type { Source } from './source.ts'

export interface ReconcilerDeps {
  /** In the order of the command line. */
  readonly sources: readonly Source[]
  readonly meaning: Meaning
  /** Has this served from now on; resolves when all processes do so. */
  readonly serve: (changes: ServedChanges) => Promise<void>
  /** The requests of these pipelines that are in flight on this replica. */
  readonly standing: (pipelines: readonly string[]) => Promise<readonly Standing[]>
  /** The local processes of a pipeline, and whether they are to run. */
  readonly needProcesses: (pipeline: string, processes: readonly NeededProcess[], desiredPhase: DesiredPhase) => void
  readonly healthOf: HealthOf
  /** Names this replica in the store. */
  readonly replica: string
  readonly log: Logger
}

/** The store, as far as definitions need it. */
export interface ControlDocuments {
  readonly ledger: Pick<Ledger, 'documents' | 'pending' | 'list' | 'cancel'>
  readonly generations: Generations
}

/** The source that brings what the admin API was given. */
export const adminClaimant = 'the admin API'

/** How long a change waits for the next one, and how long at the most, in milliseconds. */
const quietMs = 50
const patienceMs = 200
/** How often a pipeline that is under way from one phase to another is looked at, in milliseconds. */
const tickMs = 50
/** Requests that were cut end within this time, in milliseconds; the claims of a replica that died, a lease later. */
const cutMs = 5_000
const lostClaimsMs = 15_000

/** The definitions that were read of a source. */
interface Read {
  claims: readonly Claim[]
  lastGood: ReadonlyMap<string, LastGood>
  /** Why it is away; `undefined`: it could be read. */
  away: unknown
}

/** Makes what is served match what is written: the one place where it is decided which generation of a pipeline serves. */
export class Reconciler implements AsyncDisposable {
  readonly #deps: ReconcilerDeps
  readonly #entries = new Map<string, Controlled>()
  readonly #reads = new Map<Source, Read>()
  readonly #watchers = new Set<(entry: Controlled) => void>()
  #kept: Kept = nothingKept
  #store: ControlDocuments | undefined
  #keptDefinitions: KeptDefinitions | undefined
  #keptSources: KeptSources | undefined
  #revision: string | undefined
  #work: Promise<void> = Promise.resolve()
  #sourcesChanged = false
  #quiet: NodeJS.Timeout | undefined
  #changedSince: number | undefined
  #ticking: NodeJS.Timeout | undefined
  #processesChanged = false
  #closed = false
  /** Deletions of which the store does not know yet that they are over. */
  readonly #finishing = new Map<string, Promise<void>>()
  readonly #ending = new AbortController()

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps
  }

  /** Reads the sources for the first time, and tells of what they have; nothing is served yet. */
  async read(): Promise<readonly ServingPipeline[]> {
    for (const source of this.#deps.sources) await this.#readSource(source)
    const claims = [...this.#reads.values()].flatMap(read => read.claims)
    return claims.flatMap(({ definition }) => definition?.definition ?? [])
  }

  /** The store is open: what it keeps counts, and definitions get their numbers from it. */
  storeOpened(store: ControlDocuments): Promise<void> {
    return this.#run(async () => {
      this.#store = store
      this.#keptDefinitions = new KeptDefinitions(store.ledger.documents)
      this.#keptSources = new KeptSources(store.ledger.documents)
      await this.#readKept()
      for (const source of this.#deps.sources) await this.#fillUp(source)
      await this.#reconcile()
      await this.#renumber()
    })
  }

  /** Serves what there is. Answers what keeps a gateway from starting that does not watch: faults, and names that are taken. */
  async begin(): Promise<readonly string[]> {
    await this.#run(() => this.#reconcile())
    const problems: string[] = []
    for (const [source, { away }] of this.#reads) {
      const isKept = [...this.#entries.values()].some(
        ({ claim }) => claim.away !== undefined && this.#isOf(claim, source)
      )
      if (away !== undefined && !isKept) throw away instanceof Error ? away : new Error(textOf(away))
    }
    const faults: Fault[] = []
    for (const { claims } of this.#reads.values()) {
      for (const { definition, faults: own } of claims) if (definition === undefined) faults.push(...own)
    }
    for (const { claim, pipeline, rivals } of this.#entries.values()) {
      if (claim.definition === undefined) faults.push(...claim.faults)
      for (const { kind, definition } of rivals) {
        if (kind === 'file' && definition !== undefined) faults.push(repetition(pipeline, definition, placeOf(claim)))
      }
    }
    problems.push(...[...new Set(faults)].map(formatFault))
    if (problems.length > 0 || this.#entries.size > 0 || this.#reads.size === 0) return problems
    return [`${this.#deps.sources.map(({ shown }) => shown).join(', ')}: no ServingPipeline in there`]
  }

  /** Follows the sources from now on. */
  watchSources(): void {
    for (const source of this.#deps.sources) source.watch(() => this.#sourceChanged())
  }

  /** Reads all sources again; resolves when what they say is served. */
  reread(): Promise<void> {
    return this.#run(async () => {
      for (const source of this.#deps.sources) await this.#readSource(source)
      await this.#reconcile()
    })
  }

  /** Looks whether what is kept has changed, here or by another replica. */
  async followStore(): Promise<void> {
    const kept = this.#keptDefinitions
    if (kept === undefined || (await kept.revision()) === this.#revision) return
    await this.refresh()
  }

  /** The kept definitions have changed; resolves when they are served so. */
  refresh(): Promise<void> {
    return this.#run(async () => {
      await this.#readKept()
      await this.#reconcile()
    })
  }

  get(pipeline: string): Controlled | undefined {
    return this.#entries.get(pipeline)
  }

  get entries(): readonly Controlled[] {
    return [...this.#entries.values()]
  }

  get keptDefinitions(): KeptDefinitions | undefined {
    return this.#keptDefinitions
  }

  /** Of a deleted one too, whose version is not given again. */
  keptVersion(pipeline: string) {
    return this.#kept.definitions.get(pipeline)
  }

  /** All that is served now. */
  get served(): readonly Served[] {
    return this.entries.flatMap(entry => servedOf(entry) ?? [])
  }

  /** The plan that serves under this name; `undefined`: nothing does. */
  servedOf(pipeline: string): Served | undefined {
    const entry = this.#entries.get(pipeline)
    return entry && servedOf(entry)
  }

  /** Sources of which the last known good set is served, each with its reason. */
  get awaySources(): readonly { readonly source: string; readonly reason: string }[] {
    return [...this.#reads].flatMap(([{ name }, { away }]) =>
      away === undefined ? [] : [{ source: name, reason: textOf(away) }]
    )
  }

  /** Calls back with each pipeline whose definition, phase or conditions have changed. */
  watch(onChange: (entry: Controlled) => void): Disposable {
    this.#watchers.add(onChange)
    return { [Symbol.dispose]: () => void this.#watchers.delete(onChange) }
  }

  /** A local process has changed: pipelines that wait for it may go on. */
  processChanged(): void {
    this.#processesChanged = true
    this.#tickSoon(0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#quiet)
    clearTimeout(this.#ticking)
    for (const source of this.#deps.sources) source[Symbol.dispose]()
    this.#ending.abort()
    await this.#work
    await Promise.all(this.#finishing.values())
  }

  /** One after the other: what is decided is served before the next is decided. */
  #run(act: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#closed ? undefined : act()))
    this.#work = done.catch((thrown: unknown) => {
      this.#deps.log.debug({ err: thrown }, 'definitions could not be reconciled; it is tried again')
    })
    return done
  }

  #sourceChanged(): void {
    if (this.#closed) return
    const now = performance.now()
    this.#changedSince ??= now
    clearTimeout(this.#quiet)
    const leftMs = Math.max(0, this.#changedSince + patienceMs - now)
    this.#quiet = setTimeout(
      () => {
        this.#changedSince = undefined
        if (this.#sourcesChanged) return
        this.#sourcesChanged = true
        void this.#run(async () => {
          this.#sourcesChanged = false
          let changed = false
          for (const source of this.#deps.sources) if (await this.#readSource(source)) changed = true
          if (changed) await this.#reconcile()
        }).catch(() => {})
      },
      Math.min(quietMs, leftMs)
    )
  }

  /** Answers whether it says something else than before. */
  async #readSource(source: Source): Promise<boolean> {
    const reading = await source.read()
    const before = this.#reads.get(source)
    if (reading.kind === 'away') {
      if (before?.away === undefined) this.#tellAway(source, reading.cause)
      const wasAway = before?.away !== undefined
      const claims = (before?.claims ?? []).map(claim => ({ ...claim, away: textOf(reading.cause) }))
      this.#reads.set(source, { claims, lastGood: before?.lastGood ?? new Map(), away: reading.cause })
      return !wasAway
    }
    const lastGood = new Map<string, LastGood>()
    const claims = reading.files.flatMap(file => {
      const own = claimsOf(file, before?.lastGood.get(file.file) ?? new Map())
      lastGood.set(file.file, lastGoodOf(own))
      return own
    })
    this.#reads.set(source, { claims, lastGood, away: undefined })
    return before === undefined || before.away !== undefined || !sameClaims(before.claims, claims)
  }

  #tellAway({ name }: Source, cause: unknown): void {
    this.#deps.log.warn(
      { source: name, reason: textOf(cause) },
      'a source of definitions cannot be read; what is known of it stays'
    )
  }

  /** Takes what the store keeps of a source that cannot be read, or whose definitions are faulty. */
  async #fillUp(source: Source): Promise<void> {
    const read = this.#reads.get(source)
    const lacks = read?.away !== undefined || read?.claims.some(({ definition }) => definition === undefined) === true
    if (read === undefined || !lacks || this.#keptSources === undefined) return
    const kept = await this.#keptSources.read(source.name)
    if (read.away !== undefined) {
      const away = textOf(read.away)
      read.claims = kept.map(claim => ({ ...claim, kind: 'file', faults: [], away }))
    } else {
      const byName = new Map(kept.map(claim => [claim.pipeline, claim]))
      const named = new Set(read.claims.map(({ pipeline }) => pipeline))
      const filled = read.claims.map(claim =>
        claim.definition === undefined ? { ...claim, definition: byName.get(claim.pipeline)?.definition } : claim
      )
      // A file that is no YAML names nothing: the names that it brought last are those that it is kept with.
      const lost = read.claims.flatMap(({ claimant, faults }) => (faults.length > 0 ? [{ claimant, faults }] : []))
      const more = kept.flatMap(claim => {
        const own = lost.find(({ claimant }) => claimant === claim.claimant)
        return named.has(claim.pipeline) || own === undefined
          ? []
          : [{ ...claim, kind: 'file' as const, faults: own.faults, away: undefined }]
      })
      const known = new Set(more.map(({ claimant }) => claimant))
      const isLost = ({ pipeline, claimant }: Claim): boolean => pipeline === nameless && known.has(claimant)
      read.claims = [...filled.filter(claim => !isLost(claim)), ...more]
    }
    read.lastGood = new Map(
      [...Map.groupBy(read.claims, ({ claimant }) => claimant)].map(([file, own]) => [file, lastGoodOf(own)])
    )
  }

  async #readKept(): Promise<void> {
    const kept = this.#keptDefinitions
    if (kept === undefined) return
    this.#revision = await kept.revision()
    const { definitions, commands } = await kept.read()
    const before = this.#kept.definitions
    this.#kept = {
      commands,
      // The same object for the same version, so that it is seen that nothing has changed.
      definitions: new Map(
        [...definitions].map(([pipeline, each]) => {
          const known = before.get(pipeline)
          return [pipeline, known?.version === each.version ? known : each]
        })
      )
    }
    for (const [pipeline, { deleting }] of this.#kept.definitions) {
      if (deleting && !this.#entries.has(pipeline)) this.#finishDeletion(pipeline)
    }
  }

  async #reconcile(): Promise<void> {
    const claims = [...this.#reads.values()].flatMap(read => read.claims)
    const holderOf = (pipeline: string) => this.#entries.get(pipeline)?.claim.claimant
    const awards = award([...claims, ...this.#adminClaims()], holderOf)
    this.#refuseCycles(awards)
    const touched: Controlled[] = []
    for (const [pipeline, each] of awards) {
      const entry = this.#take(pipeline, each)
      if (entry !== undefined) touched.push(entry)
    }
    for (const entry of this.#entries.values()) {
      if (awards.has(entry.pipeline) || entry.deleted) continue
      entry.deleted = true
      touched.push(entry)
    }
    const changed = new Set(touched.map(({ pipeline }) => pipeline))
    const nesting = this.entries.filter(entry => !changed.has(entry.pipeline) && nests(entry))
    await this.#advance([...touched, ...(touched.length > 0 ? nesting : [])])
    await this.#keepSources()
  }

  /** A definition that closes a cycle is faulty, and the one before it stays. */
  #refuseCycles(awards: Map<string, Award>): void {
    const definitions = [...awards.values()].flatMap(({ winner }) => winner.definition ?? [])
    for (const [pipeline, fault] of nestingFaults(definitions)) {
      const found = awards.get(pipeline)
      if (found === undefined) continue
      const known = this.#entries.get(pipeline)?.claim.definition
      const definition = known === found.winner.definition ? undefined : known
      awards.set(pipeline, { ...found, winner: { ...found.winner, definition, faults: [fault] } })
    }
  }

  #adminClaims(): Claim[] {
    return [...this.#kept.definitions].flatMap(([pipeline, { definition, deleting }]) =>
      definition === undefined || deleting ? [] : [adminClaim(pipeline, definition)]
    )
  }

  /** Takes over what has changed; `undefined`: nothing has. */
  #take(pipeline: string, { winner, rivals }: Award): Controlled | undefined {
    const known = this.#entries.get(pipeline)
    const kept = winner.kind === 'admin' ? this.#kept.definitions.get(pipeline) : undefined
    const command = winner.kind === 'admin' ? undefined : this.#kept.commands.get(pipeline)
    const same =
      known !== undefined &&
      !known.deleted &&
      sameClaim(known.claim, winner) &&
      known.kept?.version === kept?.version &&
      known.command?.id === command?.id &&
      known.rivals.length === rivals.length &&
      known.rivals.every((rival, i) => rivals[i] !== undefined && sameClaim(rival, rivals[i]))
    if (same) return undefined
    const entry = known ?? new Controlled(winner)
    this.#entries.set(pipeline, entry)
    if (winner.faults.length > 0 && winner.faults !== entry.claim.faults) this.#tellFaults(entry, winner.faults)
    entry.claim = winner
    entry.rivals = rivals
    entry.kept = kept
    entry.command = command
    entry.deleted = false
    if (kept !== undefined) entry.createdAt = kept.createdAt
    return entry
  }

  #tellFaults({ pipeline, current }: Controlled, faults: readonly Fault[]): void {
    const what =
      current === undefined
        ? 'a definition is faulty and is not served'
        : 'a definition is faulty; the last good one serves on'
    this.#deps.log.warn({ pipeline, faults: faults.map(formatFault) }, what)
  }

  /** Compiles what is new, and gives it its number. */
  async #number(entries: readonly Controlled[]): Promise<void> {
    const fresh: { readonly entry: Controlled; readonly next: Numbered }[] = []
    for (const entry of entries) {
      const { definition, baseDir } = entry.claim
      if (definition === undefined) continue
      if (
        entry.wanted !== undefined &&
        entry.wanted.plan.definition.spec === definition.definition.spec &&
        !nests(entry)
      )
        continue
      const plan = compile(definition.definition, { baseDir, ...this.#deps.meaning, find: this.#find })
      const digest = `${digestOf(plan.definition)} ${baseDir} ${plan.unresolved.join()}`
      if (entry.wanted?.digest === digest) continue
      fresh.push({ entry, next: { plan, digest, generation: (entry.wanted?.generation ?? 0) + 1 } })
    }
    if (fresh.length === 0) return
    const numbers = await this.#numbersOf(fresh)
    if (numbers === 'away') return
    fresh.forEach(({ entry, next }, i) => {
      next.generation = numbers?.[i] ?? next.generation
      // Back to what serves already.
      entry.wanted = entry.current?.digest === next.digest ? entry.current : next
    })
  }

  /** The pipeline that another one nests under this name. */
  readonly #find = (pipeline: string) => {
    const { definition, baseDir = '' } = this.#entries.get(pipeline)?.claim ?? {}
    return definition && { spec: definition.definition.spec, baseDir }
  }

  async #numbersOf(fresh: readonly { readonly entry: Controlled; readonly next: Numbered }[]) {
    if (this.#store === undefined) return undefined
    try {
      const numbers = await this.#store.generations.number(fresh.map(({ next }) => next.plan))
      for (const { entry } of fresh) entry.storeFault = undefined
      return numbers
    } catch (thrown) {
      for (const { entry } of fresh) entry.storeFault = textOf(thrown)
      return 'away'
    }
  }

  /** All that was counted in memory gets the number of the store. */
  async #renumber(): Promise<void> {
    const entries = this.entries.filter(({ wanted }) => wanted !== undefined)
    const all = entries.flatMap(({ current, wanted }) =>
      [...new Set([current, wanted])].filter(each => each !== undefined)
    )
    const numbers = await this.#store?.generations.number(all.map(({ plan }) => plan))
    all.forEach((each, i) => (each.generation = numbers?.[i] ?? each.generation))
    await this.#deps.serve({ put: this.served, removed: [] })
  }

  /** Lets each go on as far as it can, and has served what came of it. */
  async #advance(entries: readonly Controlled[]): Promise<void> {
    await this.#number(entries)
    const standings = await this.#standingsOf(entries)
    const put: Served[] = []
    const removed: string[] = []
    for (const entry of entries) {
      const before = servedOf(entry)
      await this.#step(entry, standings.get(entry.pipeline))
      const now = servedOf(entry)
      if (entry.phase === 'Gone') {
        this.#entries.delete(entry.pipeline)
        if (before !== undefined) removed.push(entry.pipeline)
      } else if (now !== undefined && !sameServed(before, now)) put.push(now)
      this.#need(entry)
    }
    if (put.length > 0 || removed.length > 0) await this.#deps.serve({ put, removed })
    for (const entry of entries) this.#tell(entry)
    if (this.entries.some(isUnsettled)) this.#tickSoon(tickMs)
  }

  async #standingsOf(entries: readonly Controlled[]): Promise<ReadonlyMap<string, Standing>> {
    const asked = entries.filter(
      ({ phase, retiring }) => phase === 'Pausing' || phase === 'Deleting' || retiring.length > 0
    )
    if (asked.length === 0) return new Map()
    const standings = await this.#deps.standing(asked.map(({ pipeline }) => pipeline))
    return new Map(standings.map(each => [each.pipeline, each]))
  }

  async #step(entry: Controlled, standing: Standing | undefined): Promise<void> {
    const wasDraining = isDraining(entry)
    this.#retire(entry, standing)
    this.#want(entry)
    this.#takeOver(entry)
    if (!isDraining(entry)) return this.#fire(entry, observedEvent(entry, this.#deps.healthOf))
    if (entry.phase === 'Pausing' && !entry.runs) {
      if (!this.#stands(entry)) return
      return this.#fire(entry, 'stopped')
    }
    // Only a count that was taken behind the closed gate says what is still to come.
    if (wasDraining && standing !== undefined) await this.#drain(entry, standing)
    else if (entry.current === undefined) this.#fire(entry, 'drained')
  }

  /** Whether none of its processes is there any more. */
  #stands({ current, wanted, retiring }: Controlled): boolean {
    const generations = [current, wanted, ...retiring].filter(each => each !== undefined)
    return generations
      .flatMap(({ plan }) => processesOf(plan))
      .every(({ key }) => this.#deps.healthOf(key) === undefined)
  }

  /** Generations of which nothing runs any more go. */
  #retire(entry: Controlled, standing: Standing | undefined): void {
    if (standing === undefined || entry.retiring.length === 0) return
    const open = new Set(standing.inFlight.flatMap(({ generation, count }) => (count > 0 ? [generation] : [])))
    entry.retiring = entry.retiring.filter(({ generation }) => open.has(generation))
  }

  /** The phase that a person wants of it. */
  #want(entry: Controlled): void {
    if (entry.deleted) return this.#fire(entry, 'delete')
    if (entry.phase === 'Deleting') this.#fire(entry, 'restore')
    this.#fire(entry, entry.desiredPhase === 'Paused' ? 'pause' : 'resume')
  }

  /** A new generation serves as soon as it can; while an older one does, it has to be ready first. */
  #takeOver(entry: Controlled): void {
    const { wanted, current } = entry
    if (wanted === undefined || wanted === current || entry.deleted) return
    if (current !== undefined && entry.runs && entry.phase !== 'Pausing' && !this.#mayTakeOver(wanted, current)) return
    entry.current = wanted
    if (current !== undefined) entry.retiring = [...entry.retiring, current]
  }

  #mayTakeOver(wanted: Numbered, current: Numbered): boolean {
    if (wanted.plan.unresolved.length > 0) return current.plan.unresolved.length > 0
    const running = new Set(processesOf(current.plan).map(({ key }) => key))
    const fresh = processesOf(wanted.plan).filter(({ key }) => !running.has(key))
    if (areReady(fresh, this.#deps.healthOf)) return true
    // A definition that never served is not kept.
    return neverServed(current, this.#deps.healthOf)
  }

  async #drain(entry: Controlled, { inFlight: counts, cut }: Standing): Promise<void> {
    const inFlight = counts.reduce((sum, { count }) => sum + count, 0)
    const now = performance.now()
    if (cut > entry.cutCount) {
      entry.cutCount = cut
      if (entry.phase === 'Pausing') await this.#keptDefinitions?.tellCut(entry.pipeline, this.#deps.replica, cut)
    }
    const isLate = now >= entry.lateAt
    if (inFlight > 0) {
      if (isLate && !entry.cut) this.#fire(entry, 'late')
      else if (entry.cut && now >= entry.lateAt + cutMs) this.#fire(entry, 'drained')
      return
    }
    if (entry.phase === 'Pausing' && now < entry.lateAt + lostClaimsMs && (await this.#hasClaims(entry.pipeline)))
      return
    this.#fire(entry, 'drained')
  }

  /** Whether any replica runs a stored request of it. */
  async #hasClaims(pipeline: string): Promise<boolean> {
    if (this.#store === undefined) return false
    return (await this.#store.ledger.pending(pipeline).catch(() => ({ claimed: 0 }))).claimed > 0
  }

  #fire(entry: Controlled, event: LifecycleEvent): void {
    const found = transition(entry.phase, event)
    if (found === undefined) return
    if (found.to !== entry.phase) {
      this.#deps.log.debug({ pipeline: entry.pipeline, from: entry.phase, to: found.to, event }, 'phase')
    }
    entry.phase = found.to
    for (const action of found.does) this.#act(entry, action)
  }

  #act(entry: Controlled, action: LifecycleAction): void {
    switch (action) {
      case 'close':
      case 'hide':
        entry.gate = action === 'close' ? 'paused' : 'gone'
        entry.gateSince = Date.now()
        entry.cut = false
        entry.cutCount = 0
        entry.lateAt = performance.now() + entry.graceMs
        break
      case 'open':
        entry.gate = 'open'
        entry.cut = false
        entry.lateAt = Infinity
        void this.#keptDefinitions?.forgetCuts(entry.pipeline).catch(() => {})
        break
      case 'cut':
        entry.cut = true
        break
      case 'stop':
        entry.runs = false
        break
      case 'start':
        entry.runs = true
        break
      case 'remove':
        entry.runs = false
        this.#finishDeletion(entry.pipeline)
        break
    }
  }

  /** The last word on a definition of the admin API that was being deleted. */
  #finishDeletion(pipeline: string): void {
    if (this.#closed || this.#finishing.has(pipeline)) return
    const finishing = this.#forget(pipeline)
      .catch(() => {})
      .finally(() => this.#finishing.delete(pipeline))
    this.#finishing.set(pipeline, finishing)
  }

  async #forget(pipeline: string): Promise<void> {
    const kept = this.#kept.definitions.get(pipeline)
    if (kept?.deleting !== true || kept.definition === undefined) return
    if (kept.cancelling === true && this.#store !== undefined) {
      await cancelOpen(this.#store.ledger, pipeline, this.#ending.signal)
    }
    await this.#keptDefinitions?.write(pipeline, kept, { deleting: false })
    await this.refresh()
  }

  /** Processes of the generation that serves, of the one that is to, and of those that finish. */
  #need(entry: Controlled): void {
    const { runs, current, wanted, retiring, phase } = entry
    const generations = phase === 'Gone' ? [] : [current, wanted, ...retiring]
    const processes = generations.flatMap(each =>
      each === undefined ? [] : processesOf(each.plan).map(spec => ({ spec, proves: each !== current }))
    )
    this.#deps.needProcesses(entry.pipeline, processes, runs ? 'Running' : 'Paused')
  }

  #tell(entry: Controlled): void {
    const findings = findingsOf(entry, this.#deps.healthOf)
    const generation = entry.wanted?.generation ?? 0
    entry.conditions = conditionsOf(findings, entry.conditions, generation, new Date().toISOString())
    const told = JSON.stringify([entry.resourceVersion, entry.phase, entry.conditions])
    if (told === entry.told) return
    entry.told = told
    for (const watcher of this.#watchers) watcher(entry)
  }

  /** Those that are to be looked at again. */
  #unsettled(): Controlled[] {
    const withProcesses = this.#processesChanged
    this.#processesChanged = false
    return this.entries.filter(entry => isUnsettled(entry) || (withProcesses && hasProcesses(entry)))
  }

  #tickSoon(ms: number): void {
    if (this.#closed) return
    clearTimeout(this.#ticking)
    this.#ticking = setTimeout(() => {
      void this.#run(() => this.#advance(this.#unsettled())).catch(() => {})
    }, ms)
  }

  async #keepSources(): Promise<void> {
    if (this.#keptSources === undefined) return
    for (const [source, { claims, away }] of this.#reads) {
      if (away !== undefined) continue
      const good = claims.flatMap(({ pipeline, claimant, baseDir, definition }): KeptClaim[] =>
        definition === undefined ? [] : [{ pipeline, claimant, baseDir, definition }]
      )
      await this.#keptSources.keep(source.name, good)
    }
  }

  #isOf({ claimant }: Claim, { name }: Source): boolean {
    const path = resolvePath(claimant)
    return path === name || path.startsWith(`${name}/`)
  }
}

/** It waits for something that nobody tells of. */
const isUnsettled = (entry: Controlled): boolean =>
  entry.deleted || entry.storeFault !== undefined || isDraining(entry) || entry.retiring.length > 0

/** It has others in it, or would if these were there. */
const nests = ({ wanted }: Controlled): boolean =>
  wanted !== undefined && (wanted.plan.definition.nested !== undefined || wanted.plan.unresolved.length > 0)

const hasProcesses = ({ current, wanted }: Controlled): boolean =>
  [current, wanted].some(each => each !== undefined && processesOf(each.plan).length > 0)

const isDraining = ({ phase }: Controlled): boolean => phase === 'Pausing' || phase === 'Deleting'

function servedOf({ current, gate, cut, phase }: Controlled): Served | undefined {
  if (current === undefined || phase === 'Gone') return undefined
  return { plan: current.plan, generation: current.generation, gate, cut }
}

const sameServed = (a: Served | undefined, b: Served): boolean =>
  a?.plan === b.plan && a.generation === b.generation && a.gate === b.gate && a.cut === b.cut

const sameClaim = (a: Claim, b: Claim): boolean =>
  a.claimant === b.claimant &&
  a.definition === b.definition &&
  a.away === b.away &&
  a.faults.length === b.faults.length &&
  a.faults.every((fault, i) => fault === b.faults[i])

const sameClaims = (a: readonly Claim[], b: readonly Claim[]): boolean =>
  a.length === b.length &&
  a.every((claim, i) => b[i] !== undefined && claim.pipeline === b[i].pipeline && sameClaim(claim, b[i]))

function adminClaim(pipeline: string, definition: ServingPipeline): Claim {
  const { name, namespace = defaults.namespace } = definition.metadata
  return {
    pipeline,
    claimant: adminClaimant,
    kind: 'admin',
    definition: parsed(definition, namespace, name),
    baseDir: resolvePath('.'),
    faults: [],
    away: undefined
  }
}

/** The same object for the same definition, so that it is seen that nothing has changed. */
const parsedDefinitions = new WeakMap<ServingPipeline, NonNullable<Claim['definition']>>()

function parsed(definition: ServingPipeline, namespace: string, name: string): NonNullable<Claim['definition']> {
  let known = parsedDefinitions.get(definition)
  if (known === undefined) {
    known = { file: adminClaimant, line: 1, column: 1, namespace, name, definition }
    parsedDefinitions.set(definition, known)
  }
  return known
}

function repetition(pipeline: string, { file, line, column }: NonNullable<Claim['definition']>, first: string): Fault {
  const message = `${pipeline} is defined in ${first} already`
  return { file, line, column, path: 'metadata.name', pipeline, code: 'DUPLICATE', message, hint: undefined }
}

const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
