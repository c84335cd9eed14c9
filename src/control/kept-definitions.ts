import { createRequestId } from '../event/request-id.ts'
import type { Documents } from '../ledger/documents.ts'
import { KeptCuts } from './kept-cuts.ts'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'

/** Versions of a definition are documents of this kind, called `namespace/name@VERSION`. */
const definitionKind = 'definition'
const commandKind = 'command'
const revisionKind = 'control'
/** Changes with each change, so that other replicas need to look at one document only. */
const revisionName = 'revision'
/** How long it is remembered that a definition was deleted, in milliseconds: its version is not given again meanwhile. */
const tombMs = 3_600_000

/** A definition that the admin API was given, as it stands. */
export interface KeptDefinition {
  readonly version: number
  /** `undefined`: it was deleted. */
  readonly definition: ServingPipeline | undefined
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

export type Lifecycle = NonNullable<ServingPipeline['spec']['lifecycle']>

/** All that is kept, by `namespace/name`. */
export interface Kept {
  readonly definitions: ReadonlyMap<string, KeptDefinition>
  readonly commands: ReadonlyMap<string, Command>
}

export const nothingKept: Kept = { definitions: new Map(), commands: new Map() }

/** The definitions and commands that the admin API was given, in the store: the same for all replicas, and after restarts. */
export class KeptDefinitions {
  readonly cuts: KeptCuts
  readonly #documents: Documents
  /** The revision that was there before the definitions were read. */
  #read: string | undefined
  /** The definitions that were read, by the names of their documents. */
  readonly #parsed = new Map<string, { readonly text: string; readonly kept: KeptDefinition }>()

  constructor(documents: Documents) {
    this.#documents = documents
    this.cuts = new KeptCuts(documents)
  }

  /** Another one than before: something has changed. */
  async revision(): Promise<string | undefined> {
    return this.#documents.get(revisionKind, revisionName)
  }

  async read(): Promise<Kept> {
    this.#read = await this.revision()
    const definitions = new Map<string, KeptDefinition>()
    const documents = await this.#documents.list(definitionKind)
    const there = new Set(documents.map(({ name }) => name))
    for (const name of this.#parsed.keys()) if (!there.has(name)) this.#parsed.delete(name)
    for (const { name, text } of documents) {
      const at = name.lastIndexOf('@')
      const pipeline = name.slice(0, at)
      const kept = this.#parse(name, text, Number(name.slice(at + 1)))
      if (kept.definition === undefined && Date.now() - kept.at > tombMs) {
        await this.#documents.remove(definitionKind, name)
        continue
      }
      if (kept.version > (definitions.get(pipeline)?.version ?? 0)) definitions.set(pipeline, kept)
    }
    const commands = new Map<string, Command>()
    for (const { name, text } of await this.#documents.list(commandKind)) commands.set(name, read<Command>(text))
    return { definitions, commands }
  }

  /** Most are as they were the last time. */
  #parse(name: string, text: string, version: number): KeptDefinition {
    const known = this.#parsed.get(name)
    if (known?.text === text) return known.kept
    const kept = { ...read<Omit<KeptDefinition, 'version'>>(text), version }
    this.#parsed.set(name, { text, kept })
    return kept
  }

  /** Writes the version after `before`; false: somebody else was quicker. */
  async write(pipeline: string, before: KeptDefinition | undefined, next: Next): Promise<boolean> {
    const now = Date.now()
    const version = (before?.version ?? 0) + 1
    const createdAt = before?.definition === undefined ? now : before.createdAt
    const mark = createRequestId()
    const text = JSON.stringify({ ...next, createdAt, at: now, mark })
    const document = nameOf(pipeline, version)
    if ((await this.#documents.add(definitionKind, document, text)) !== text) return false
    if ((await this.revision()) !== this.#read && (await this.#lastVersion(pipeline)) > version) {
      // Others have written several versions meanwhile, and removed this number again.
      await this.#documents.remove(definitionKind, document)
      return false
    }
    if (before !== undefined) await this.#documents.remove(definitionKind, nameOf(pipeline, before.version))
    await this.#tell()
    return true
  }

  async command(pipeline: string, command: Command): Promise<void> {
    await this.#documents.put(commandKind, pipeline, JSON.stringify(command))
    await this.#tell()
  }

  /** The command does not hold any more. */
  async forgetCommand(pipeline: string): Promise<void> {
    await this.#documents.remove(commandKind, pipeline)
    await this.#tell()
  }

  async #lastVersion(pipeline: string): Promise<number> {
    const names = (await this.#documents.list(definitionKind)).map(({ name }) => name)
    const own = names.filter(name => name.startsWith(`${pipeline}@`))
    return Math.max(0, ...own.map(name => Number(name.slice(name.lastIndexOf('@') + 1))))
  }

  async #tell(): Promise<void> {
    await this.#documents.put(revisionKind, revisionName, createRequestId())
  }
}

/** The next version of a definition. */
export interface Next {
  readonly definition?: ServingPipeline | undefined
  readonly deleting: boolean
  readonly cancelling?: boolean
}

const nameOf = (pipeline: string, version: number): string => `${pipeline}@${version}`

// Only this class writes documents of its kinds.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters
const read = <T>(text: string): T => JSON.parse(text) as T
