import type { Documents } from '../ledger/documents.ts'
import { definitionKey, readDefinitionKey } from '../pipeline/parsed-pipeline.ts'
import { adminClaim } from './admin-claim.ts'
import { keyOfClaim, type Claim } from './claims.ts'
import type { Controlled } from './controlled.ts'
import { isCommanded } from './half.ts'
import { KeptDefinitions, nothingKept, type Kept } from './kept-definitions.ts'

/** The definitions and commands of the admin API that the store keeps, as they were read last. */
export class KeptReading {
  #definitions: KeptDefinitions | undefined
  #kept: Kept = nothingKept
  #revision: string | undefined

  /** The store is open. */
  open(documents: Documents): void {
    this.#definitions = new KeptDefinitions(documents)
  }

  /** `undefined`: the store is not open. */
  get store(): KeptDefinitions | undefined {
    return this.#definitions
  }

  get definitions(): Kept['definitions'] {
    return this.#kept.definitions
  }

  get commands(): Kept['commands'] {
    return this.#kept.commands
  }

  /** The admin API as one that brings definitions. */
  get claims(): readonly Claim[] {
    return [...new Set([...this.definitions.keys()].map(key => readDefinitionKey(key).pipeline))].flatMap(pipeline =>
      this.claimsOf(pipeline)
    )
  }

  /** On the definitions of both kinds. */
  claimsOf(pipeline: string): readonly Claim[] {
    return (['ServingPipeline', 'Pipeline'] as const).flatMap(kind => {
      const { definition, deleting } = this.definitions.get(definitionKey(kind, pipeline)) ?? {}
      return definition === undefined || deleting === true ? [] : [adminClaim(pipeline, definition)]
    })
  }

  /** Whether the store says something else by now, here or by another replica. */
  async isOld(): Promise<boolean> {
    return this.#definitions !== undefined && (await this.#definitions.revision()) !== this.#revision
  }

  /** Commands that do not hold any more, since the lifecycle in the file is another one now, do not come back with it. */
  async forgetOld(entries: readonly Controlled[]): Promise<void> {
    for (const half of entries.flatMap(({ halves }) => [...halves.values()])) {
      const { command, claim } = half
      if (command === undefined || isCommanded(half) || claim.definition === undefined) continue
      const key = keyOfClaim(claim)
      const { definitions, commands } = this.#kept
      this.#kept = { definitions, commands: new Map([...commands].filter(([name]) => name !== key)) }
      await this.#definitions?.forgetCommand(key).catch(() => {})
    }
  }

  /** Answers the names of pipelines of which something else is kept than before. */
  async read(): Promise<ReadonlySet<string>> {
    if (this.#definitions === undefined) return new Set()
    this.#revision = await this.#definitions.revision()
    const before = this.#kept
    this.#kept = await this.#definitions.read()
    const keys = [
      ...differing(before.definitions, this.definitions, (a, b) => a === b),
      ...differing(before.commands, this.commands, (a, b) => a.id === b.id)
    ]
    return new Set(keys.map(key => readDefinitionKey(key).pipeline))
  }
}

/** The keys of which one of them has none, or something else. */
function differing<T>(
  before: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
  isSame: (a: T, b: T) => boolean
): Set<string> {
  const names = new Set(before.keys().filter(name => !now.has(name)))
  for (const [name, each] of now) {
    const known = before.get(name)
    if (known === undefined || !isSame(known, each)) names.add(name)
  }
  return names
}
