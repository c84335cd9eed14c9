import { formatFault, type Fault } from '../pipeline/fault.ts'
import { needsOf } from '../pipeline/needs.ts'
import { nestingFaults } from '../pipeline/nesting-faults.ts'
import { readDefinitionKey } from '../pipeline/parsed-pipeline.ts'
import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'
import type { FindNested } from '../pipeline/compile-body.ts'
import type { Logger } from '../telemetry/log.ts'
import { award, type Award, type Claim } from './claims.ts'
import { conditionsOf } from './conditions.ts'
import { Controlled } from './controlled.ts'
import { halfOf, sameHalf, versionOf, type Halves, type KeptHalves } from './half.ts'
import { joined, sameJoined, type Joined } from './joined.ts'
import type { Surroundings } from './surroundings.ts'
import { findingsOf } from './observe.ts'
import type { Served } from './served.ts'
import { TakenMemory } from './taken-memory.ts'

/** The pipelines that the reconciler knows, by their names: each definition belongs to one of those that bring it. */
export class Entries {
  /** Whether faults of a pipeline that is new are told: at a start, whoever starts the gateway is told by others. */
  tellsNew = false
  readonly taken = new TakenMemory()
  readonly #log: Logger
  readonly #entries = new Map<string, Controlled>()
  readonly #watchers = new Set<(entry: Controlled) => void>()
  /** A definition was refused for what others are. */
  #isRefused = false

  constructor(log: Logger) {
    this.#log = log
  }

  get all(): readonly Controlled[] {
    return [...this.#entries.values()]
  }

  get(pipeline: string): Controlled | undefined {
    return this.#entries.get(pipeline)
  }

  remove(pipeline: string): void {
    this.#entries.delete(pipeline)
  }

  /** All that is served now. */
  get served(): readonly Served[] {
    return this.all.flatMap(entry => entry.served ?? [])
  }

  /** The pipeline that another one nests under this name. */
  readonly find: FindNested = pipeline => {
    const { definition, baseDir = '' } = this.#entries.get(pipeline)?.joined ?? {}
    return definition && { spec: definition.definition.spec, baseDir }
  }

  /** Decides whose definition of each name counts; answers those of which something has changed. */
  take(claims: readonly Claim[], kept: KeptHalves): readonly Controlled[] {
    const won = this.#award(claims)
    const joins = this.#joinAll(won)
    this.#refuseCycles(joins)
    return this.#takeAll(won, joins, this.#entries.keys(), kept)
  }

  /** The same for some names, of which these are all claims: others do not depend on them, nor they on others. */
  takeApart(names: Iterable<string>, claims: readonly Claim[], kept: KeptHalves): readonly Controlled[] {
    const won = this.#award(claims)
    return this.#takeAll(won, this.#joinAll(won), names, kept)
  }

  /** Whether the definitions of these names, with what the claims bring, can be judged without looking at the others. */
  areApart(names: Iterable<string>, claims: readonly Claim[]): boolean {
    if (this.#isRefused || claims.some(needsOthers)) return false
    for (const name of names) {
      const known = this.#entries.get(name)
      if (known !== undefined && needsOthers(known.joined)) return false
    }
    return true
  }

  /** Calls back with each pipeline whose definition, phase or conditions have changed. */
  watch(onChange: (entry: Controlled) => void): Disposable {
    this.#watchers.add(onChange)
    return { [Symbol.dispose]: () => void this.#watchers.delete(onChange) }
  }

  /** Says how the pipeline is now, and tells watchers where that is something else than before. */
  tell(entry: Controlled, surroundings: Surroundings): void {
    const findings = findingsOf(entry, surroundings)
    const generation = entry.wanted?.generation ?? 0
    entry.conditions = conditionsOf(findings, entry.conditions, generation, new Date().toISOString())
    const versions = [...entry.halves].map(([kind, half]) => [kind, versionOf(half)])
    const told = JSON.stringify([versions, entry.phase, entry.conditions])
    if (told === entry.told) return
    entry.told = told
    for (const watcher of this.#watchers) watcher(entry)
  }

  #award(claims: readonly Claim[]): ReadonlyMap<string, Award> {
    return award(claims, key => this.#holderOf(key))
  }

  #joinAll(won: ReadonlyMap<string, Award>): Map<string, Joined> {
    return new Map([...byPipeline(won)].map(([pipeline, each]) => [pipeline, this.#join(pipeline, each)]))
  }

  /** Of these names, those go that nobody brings. */
  #takeAll(
    won: ReadonlyMap<string, Award>,
    joins: ReadonlyMap<string, Joined>,
    names: Iterable<string>,
    kept: KeptHalves
  ): readonly Controlled[] {
    const all = [...names]
    const gone = all.flatMap(name => {
      const entry = joins.has(name) ? undefined : this.#entries.get(name)
      return entry === undefined || entry.deleted ? [] : [entry]
    })
    const awards = byPipeline(won)
    const touched = [...joins].flatMap(([pipeline, join]) => {
      const halves = this.#halvesOf(pipeline, awards.get(pipeline) ?? new Map(), kept)
      return this.#takeOne(pipeline, halves, join) ?? []
    })
    for (const entry of gone) entry.deleted = true
    this.#remember(won, joins, new Set(all))
    return [...touched, ...gone]
  }

  #holderOf(key: string): string | undefined {
    const { kind, pipeline } = readDefinitionKey(key)
    return this.#entries.get(pipeline)?.halves.get(kind)?.claim.claimant
  }

  #join(pipeline: string, awards: Awards): Joined {
    const winners = new Map([...awards].map(([kind, { winner }]) => [kind, winner]))
    const known = this.#entries.get(pipeline)
    return joined(winners, this.taken.of(pipeline), known?.deleted === false ? known.joined : undefined)
  }

  #halvesOf(pipeline: string, awards: Awards, kept: KeptHalves): Halves {
    const before = this.#entries.get(pipeline)?.halves
    return new Map([...awards].map(([kind, { key, ...each }]) => [kind, halfOf(key, each, kept, before?.get(kind))]))
  }

  /** A definition that closes a cycle is faulty, and the one before it stays. */
  #refuseCycles(joins: Map<string, Joined>): void {
    const definitions = [...joins.values()].flatMap(({ definition }) => definition ?? [])
    const faults = nestingFaults(definitions)
    this.#isRefused = faults.size > 0
    for (const [pipeline, fault] of faults) {
      const found = joins.get(pipeline)
      if (found === undefined) continue
      const known = this.#entries.get(pipeline)?.joined.definition
      const definition = known === found.definition ? undefined : known
      joins.set(pipeline, { ...found, definition, faults: [...found.faults, fault] })
    }
  }

  /** Takes over what has changed; `undefined`: nothing has. */
  #takeOne(pipeline: string, halves: Halves, join: Joined): Controlled | undefined {
    const known = this.#entries.get(pipeline)
    if (known !== undefined && isAsBefore(known, halves, join)) {
      known.joined = join
      return undefined
    }
    const entry = known ?? new Controlled(pipeline, halves, join)
    this.#entries.set(pipeline, entry)
    const isNewFault = known === undefined ? this.tellsNew : !sameFaults(join.faults, known.joined.faults)
    if (join.faults.length > 0 && isNewFault) this.#tellFaults(entry, join.faults)
    entry.take(halves, join)
    return entry
  }

  /** Fields that were taken stay when the definition that they are from is gone; a faulty one changes nothing of them. */
  #remember(won: ReadonlyMap<string, Award>, joins: ReadonlyMap<string, Joined>, looked: ReadonlySet<string>): void {
    for (const key of this.taken.keys) {
      const name = readDefinitionKey(key)
      const isLookedAt = looked.has(name.pipeline) || !this.#entries.has(name.pipeline)
      if (isLookedAt && !won.has(key)) this.taken.set(name, undefined)
    }
    for (const [pipeline, { one, of }] of joins) {
      if (one?.whole === undefined) continue
      for (const [kind, { definition }] of of.winners) {
        if (definition !== undefined) this.taken.set({ kind, pipeline }, one.keeps[kind])
      }
    }
  }

  #tellFaults({ pipeline, current }: Controlled, faults: readonly Fault[]): void {
    const message =
      current === undefined
        ? 'a definition is faulty and is not served'
        : 'a definition is faulty; the last good one serves on'
    this.#log.warn({ pipeline, faults: faults.map(formatFault) }, message)
  }
}

const needsOthers = ({ definition }: Pick<Claim, 'definition'>): boolean =>
  definition !== undefined && needsOf(definition.definition.spec, definition.namespace).size > 0

/** Whose definition of each kind of a pipeline counts. */
type Awards = ReadonlyMap<DefinitionKind, Award & { readonly key: string }>

function byPipeline(awards: ReadonlyMap<string, Award>): ReadonlyMap<string, Awards> {
  const grouped = new Map<string, Map<DefinitionKind, Award & { readonly key: string }>>()
  for (const [key, each] of awards) {
    const { pipeline, of } = each.winner
    const own = grouped.get(pipeline) ?? new Map<DefinitionKind, Award & { readonly key: string }>()
    grouped.set(pipeline, own.set(of, { ...each, key }))
  }
  return grouped
}

const isAsBefore = (known: Controlled, halves: Halves, join: Joined): boolean =>
  !known.deleted &&
  sameJoined(known.joined, join) &&
  known.halves.size === halves.size &&
  [...halves].every(([kind, half]) => {
    const before = known.halves.get(kind)
    return before !== undefined && sameHalf(before, half)
  })

const sameFaults = (a: readonly Fault[], b: readonly Fault[]): boolean =>
  a.length === b.length && a.every((fault, i) => fault === b[i])
