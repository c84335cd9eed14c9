import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { claimsOf, lastGoodOf, sameClaims, type Claim, type LastGood } from './claims.ts'
import { claimsOfAway, filledUp } from './filled-up.ts'
import type { KeptClaim, KeptSources } from './kept-sources.ts'
import type { DefinitionSource } from './definition-source.ts'

/** The definitions that were read of a source. */
export interface Reading {
  readonly claims: readonly Claim[]
  /** By file. */
  readonly lastGood: ReadonlyMap<string, LastGood>
  /** Why it is away; `undefined`: it could be read. */
  readonly away: unknown
}

/** The sources of definitions, with what each of them said last. */
export class SourceReadings implements Disposable {
  readonly #sources: readonly DefinitionSource[]
  readonly #log: Logger
  readonly #readings = new Map<DefinitionSource, Reading>()
  /** All claims by name; `undefined`: they have changed since they were looked up. */
  #byName: ReadonlyMap<string, readonly Claim[]> | undefined
  /** The store keeps what they bring. */
  #isKept = false

  constructor(sources: readonly DefinitionSource[], log: Logger) {
    this.#sources = sources
    this.#log = log
  }

  /** Those that were read, in their order. */
  get all(): ReadonlyMap<DefinitionSource, Reading> {
    return this.#readings
  }

  /** As a person wrote the sources. */
  get shown(): string {
    return this.#sources.map(({ shown }) => shown).join(', ')
  }

  /** Those of which the last known good set is served, each with its reason. */
  get away(): readonly { readonly source: string; readonly reason: string }[] {
    return [...this.#readings].flatMap(([{ name }, { away }]) =>
      away === undefined ? [] : [{ source: name, reason: messageOf(away) }]
    )
  }

  get claims(): readonly Claim[] {
    return [...this.#readings.values()].flatMap(({ claims }) => claims)
  }

  /** The claims on a pipeline of this name. */
  claimsOf(pipeline: string): readonly Claim[] {
    this.#byName ??= Map.groupBy(this.claims, claim => claim.pipeline)
    return this.#byName.get(pipeline) ?? []
  }

  /** Answers whether any says something else than before. */
  async read(): Promise<boolean> {
    let changed = false
    for (const source of this.#sources) if (await this.#readOne(source)) changed = true
    return changed
  }

  /** Calls back whenever one may have changed, until this is disposed of. */
  watch(onChange: () => void): void {
    for (const source of this.#sources) {
      source.watch(onChange, reason =>
        this.#log.warn({ source: source.name, reason }, 'a source cannot be watched; it is looked at every few seconds')
      )
    }
  }

  /** Takes what the store keeps of a source that cannot be read, or whose definitions are faulty. */
  async fillUp(kept: KeptSources): Promise<void> {
    for (const [source, { claims, away }] of this.#readings) {
      if (away === undefined && claims.every(({ definition }) => definition !== undefined)) continue
      const known = await kept.read(source.name)
      const filled = away === undefined ? filledUp(claims, known) : claimsOfAway(known, messageOf(away))
      this.#set(source, { claims: filled, lastGood: lastGoodByFile(filled), away })
    }
  }

  /** Has the store keep the good definitions of each source that could be read. */
  async keep(kept: KeptSources): Promise<void> {
    if (this.#isKept) return
    for (const [source, { claims, away }] of this.#readings) {
      if (away === undefined) await kept.keep(source.name, claims.flatMap(goodClaim))
    }
    this.#isKept = true
  }

  [Symbol.dispose](): void {
    for (const source of this.#sources) source[Symbol.dispose]()
  }

  #set(source: DefinitionSource, reading: Reading): void {
    this.#readings.set(source, reading)
    this.#byName = undefined
    this.#isKept = false
  }

  async #readOne(source: DefinitionSource): Promise<boolean> {
    const reading = await source.read()
    const before = this.#readings.get(source)
    if (reading.kind === 'away') {
      const isNew = before?.away === undefined
      if (isNew) this.#tellAway(source, reading.cause)
      const claims = (before?.claims ?? []).map(claim => ({ ...claim, away: messageOf(reading.cause) }))
      this.#set(source, { claims, lastGood: before?.lastGood ?? new Map(), away: reading.cause })
      return isNew
    }
    const claims = reading.files.flatMap(file => claimsOf(file, before?.lastGood.get(file.file) ?? new Map()))
    this.#set(source, { claims, lastGood: lastGoodByFile(claims), away: undefined })
    return before === undefined || before.away !== undefined || !sameClaims(before.claims, claims)
  }

  #tellAway({ name }: DefinitionSource, cause: unknown): void {
    this.#log.warn(
      { source: name, reason: messageOf(cause) },
      'a source of definitions cannot be read; what is known of it stays'
    )
  }
}

const lastGoodByFile = (claims: readonly Claim[]): Reading['lastGood'] =>
  new Map([...Map.groupBy(claims, ({ claimant }) => claimant)].map(([file, own]) => [file, lastGoodOf(own)]))

const goodClaim = ({ pipeline, claimant, baseDir, definition }: Claim): KeptClaim[] =>
  definition === undefined ? [] : [{ pipeline, claimant, baseDir, definition }]
