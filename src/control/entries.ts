import { formatFault, type Fault } from '../pipeline/fault.ts'
import { needsOf } from '../pipeline/needs.ts'
import { nestingFaults } from '../pipeline/nesting-faults.ts'
import type { FindNested } from '../pipeline/compile-body.ts'
import type { Logger } from '../telemetry/log.ts'
import { award, sameClaim, sameClaims, type Award, type Claim } from './claims.ts'
import { conditionsOf } from './conditions.ts'
import { Controlled } from './controlled.ts'
import type { KeptReading } from './kept-reading.ts'
import type { Surroundings } from './surroundings.ts'
import { findingsOf } from './observe.ts'
import type { Served } from './served.ts'

type TakenFrom = Pick<KeptReading, 'definitions' | 'commands'>

/** The pipelines that the reconciler knows, by their names: each belongs to one of those that bring it. */
export class Entries {
  /** Whether faults of a pipeline that is new are told: at a start, whoever starts the gateway is told by others. */
  tellsNew = false
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
    const { definition, baseDir = '' } = this.#entries.get(pipeline)?.claim ?? {}
    return definition && { spec: definition.definition.spec, baseDir }
  }

  /** Decides whose definition of each name counts; answers those of which something has changed. */
  take(claims: readonly Claim[], kept: TakenFrom): readonly Controlled[] {
    const awards = this.#award(claims)
    this.#refuseCycles(awards)
    return this.#takeAll(awards, this.#entries.keys(), kept)
  }

  /** The same for some names, of which these are all claims: others do not depend on them, nor they on others. */
  takeApart(names: Iterable<string>, claims: readonly Claim[], kept: TakenFrom): readonly Controlled[] {
    return this.#takeAll(this.#award(claims), names, kept)
  }

  /** Whether the definitions of these names, with what the claims bring, can be judged without looking at the others. */
  areApart(names: Iterable<string>, claims: readonly Claim[]): boolean {
    if (this.#isRefused || claims.some(needsOthers)) return false
    for (const name of names) {
      const known = this.#entries.get(name)
      if (known !== undefined && needsOthers(known.claim)) return false
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
    const told = JSON.stringify([entry.resourceVersion, entry.phase, entry.conditions])
    if (told === entry.told) return
    entry.told = told
    for (const watcher of this.#watchers) watcher(entry)
  }

  #award(claims: readonly Claim[]): Map<string, Award> {
    return award(claims, pipeline => this.#entries.get(pipeline)?.claim.claimant)
  }

  /** Of these names, those go that nobody brings. */
  #takeAll(awards: ReadonlyMap<string, Award>, names: Iterable<string>, kept: TakenFrom): readonly Controlled[] {
    const gone = [...names].flatMap(name => {
      const entry = awards.has(name) ? undefined : this.#entries.get(name)
      return entry === undefined || entry.deleted ? [] : [entry]
    })
    const touched = [...awards].flatMap(([pipeline, each]) => this.#takeOne(pipeline, each, kept) ?? [])
    for (const entry of gone) entry.deleted = true
    return [...touched, ...gone]
  }

  /** A definition that closes a cycle is faulty, and the one before it stays. */
  #refuseCycles(awards: Map<string, Award>): void {
    const definitions = [...awards.values()].flatMap(({ winner }) => winner.definition ?? [])
    const faults = nestingFaults(definitions)
    this.#isRefused = faults.size > 0
    for (const [pipeline, fault] of faults) {
      const found = awards.get(pipeline)
      if (found === undefined) continue
      const known = this.#entries.get(pipeline)?.claim.definition
      const definition = known === found.winner.definition ? undefined : known
      awards.set(pipeline, { ...found, winner: { ...found.winner, definition, faults: [fault] } })
    }
  }

  /** Takes over what has changed; `undefined`: nothing has. */
  #takeOne(pipeline: string, { winner, rivals }: Award, { definitions, commands }: TakenFrom): Controlled | undefined {
    const known = this.#entries.get(pipeline)
    const kept = winner.kind === 'admin' ? definitions.get(pipeline) : undefined
    const command = winner.kind === 'admin' ? undefined : commands.get(pipeline)
    if (known !== undefined && isAsBefore(known, { claim: winner, rivals, kept, command })) return undefined
    const entry = known ?? new Controlled(winner)
    this.#entries.set(pipeline, entry)
    const isNewFault = known === undefined ? this.tellsNew : winner.faults !== known.claim.faults
    if (winner.faults.length > 0 && isNewFault) this.#tellFaults(entry, winner.faults)
    entry.claim = winner
    entry.rivals = rivals
    entry.kept = kept
    entry.command = command
    entry.deleted = false
    if (kept !== undefined) entry.createdAt = kept.createdAt
    return entry
  }

  #tellFaults({ pipeline, current }: Controlled, faults: readonly Fault[]): void {
    const message =
      current === undefined
        ? 'a definition is faulty and is not served'
        : 'a definition is faulty; the last good one serves on'
    this.#log.warn({ pipeline, faults: faults.map(formatFault) }, message)
  }
}

const needsOthers = ({ definition }: Claim): boolean =>
  definition !== undefined && needsOf(definition.definition.spec, definition.namespace).size > 0

const isAsBefore = (
  known: Controlled,
  { claim, rivals, kept, command }: Pick<Controlled, 'claim' | 'rivals' | 'kept' | 'command'>
): boolean =>
  !known.deleted &&
  sameClaim(known.claim, claim) &&
  known.kept?.version === kept?.version &&
  known.command?.id === command?.id &&
  sameClaims(known.rivals, rivals)
