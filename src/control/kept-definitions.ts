import { createRequestId } from '../event/request-id.ts'
import type { Documents } from '../ledger/documents.ts'
import { KeptCuts } from './kept-cuts.ts'
import { KeptVersions, type Versioned } from './kept-versions.ts'
import type { WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'

/** Definitions are kept in versions of this kind, by their keys. */
const definitionKind = 'definition'
const commandKind = 'command'
const revisionKind = 'control'
/** Changes with each change, so that other replicas need to look at one document only. */
const revisionName = 'revision'
/** How long it is remembered that a definition was deleted, in milliseconds: its version is not given again meanwhile. */
const tombMs = 3_600_000

/** A definition that the admin API was given, as it stands. */
export type KeptDefinition = Versioned<DefinitionVersion>

interface DefinitionVersion {
  /** `undefined`: it was deleted. */
  readonly definition?: WrittenPipeline | undefined
  /** It is being deleted. */
  readonly deleting: boolean
  /** Its accepted requests are cancelled when it is gone. */
  readonly cancelling?: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When this version was written. */
  readonly at: number
}

/** The command of a person to a pipeline from a file: it holds until the file's own lifecycle is another one. */
export interface Command {
  readonly lifecycle: Lifecycle
  /** The file's own one at the command, as JSON. */
  readonly over: string
  readonly id: string
}

export type Lifecycle = NonNullable<WrittenPipeline['spec']['lifecycle']>

/** All that is kept, by the keys of the definitions. */
export interface Kept {
  readonly definitions: ReadonlyMap<string, KeptDefinition>
  readonly commands: ReadonlyMap<string, Command>
}

export const nothingKept: Kept = { definitions: new Map(), commands: new Map() }

/** The definitions and commands that the admin API was given, in the store: the same for all replicas, and after restarts. */
export class KeptDefinitions {
  readonly cuts: KeptCuts
  readonly #documents: Documents
  readonly #versions: KeptVersions<DefinitionVersion>
  /** The revision that was there before the definitions were read. */
  #read: string | undefined

  constructor(documents: Documents) {
    this.#documents = documents
    this.#versions = new KeptVersions(documents, definitionKind)
    this.cuts = new KeptCuts(documents)
  }

  /** Another one than before: something has changed. */
  async revision(): Promise<string | undefined> {
    return this.#documents.get(revisionKind, revisionName)
  }

  async read(): Promise<Kept> {
    this.#read = await this.revision()
    const definitions = await this.#versions.read()
    for (const [key, { definition, at, version }] of definitions) {
      if (definition !== undefined || Date.now() - at <= tombMs) continue
      definitions.delete(key)
      await this.#versions.remove(key, version)
    }
    const commands = new Map<string, Command>()
    for (const { name, text } of await this.#documents.list(commandKind)) commands.set(name, readCommand(text))
    return { definitions, commands }
  }

  /** Writes the version after `before`; false: somebody else was quicker. */
  async write(key: string, before: KeptDefinition | undefined, next: Next): Promise<boolean> {
    const at = Date.now()
    const createdAt = before?.definition === undefined ? at : before.createdAt
    const mayBeOld = async (): Promise<boolean> => (await this.revision()) !== this.#read
    if (!(await this.#versions.write(key, before?.version, { ...next, createdAt, at }, mayBeOld))) return false
    await this.#tell()
    return true
  }

  async command(key: string, command: Command): Promise<void> {
    await this.#documents.put(commandKind, key, JSON.stringify(command))
    await this.#tell()
  }

  /** The command does not hold any more. */
  async forgetCommand(key: string): Promise<void> {
    await this.#documents.remove(commandKind, key)
    await this.#tell()
  }

  async #tell(): Promise<void> {
    await this.#documents.put(revisionKind, revisionName, createRequestId())
  }
}

/** The next version of a definition. */
export type Next = Pick<DefinitionVersion, 'definition' | 'deleting' | 'cancelling'>

// Only this class writes documents of its kinds.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const readCommand = (text: string): Command => JSON.parse(text) as Command
