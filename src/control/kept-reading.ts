import type { Documents } from '../ledger/documents.ts'
import { adminClaim } from './admin-claim.ts'
import type { Claim } from './claims.ts'
import type { Controlled } from './controlled.ts'
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
    return [...this.definitions].flatMap(([pipeline, { definition, deleting }]) =>
      definition === undefined || deleting ? [] : [adminClaim(pipeline, definition)]
    )
  }

  /** Whether the store says something else by now, here or by another replica. */
  async isOld(): Promise<boolean> {
    return this.#definitions !== undefined && (await this.#definitions.revision()) !== this.#revision
  }

  /** Commands that do not hold any more, since the lifecycle in the file is another one now, do not come back with it. */
  async forgetOld(entries: readonly Controlled[]): Promise<void> {
    for (const { pipeline, command, isCommanded, claim } of entries) {
      if (command === undefined || isCommanded || claim.definition === undefined) continue
      const { definitions, commands } = this.#kept
      this.#kept = { definitions, commands: new Map([...commands].filter(([name]) => name !== pipeline)) }
      await this.#definitions?.forgetCommand(pipeline).catch(() => {})
    }
  }

  async read(): Promise<void> {
    if (this.#definitions === undefined) return
    this.#revision = await this.#definitions.revision()
    this.#kept = await this.#definitions.read()
  }
}
