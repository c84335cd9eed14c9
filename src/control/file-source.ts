import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { messageOf } from '../errors.ts'
import type { Environment } from '../pipeline/environment.ts'
import type { Fault } from '../pipeline/fault.ts'
import type { ParsedPipeline } from '../pipeline/parsed-pipeline.ts'
import { readSource } from '../pipeline/validate/read-source.ts'
import { filesAt } from './definitions.ts'
import type { ReadFile, DefinitionSource, SourceReading } from './definition-source.ts'
import { WatchedFolders } from './watch-paths.ts'

/** How often what cannot be watched is looked at, in milliseconds; more seldom where a look takes long. */
const lookMs = 2_000
const lookShare = 50
/** A file that was written less than this before it was read, in milliseconds, may change without another time. */
const youngMs = 2_000
/** Files that are looked at together. */
const atOnce = 64

interface Known {
  readonly stamp: string
  /** It was read so soon after it was written that its stamp says nothing. */
  readonly young: boolean
  readonly text: string
  readonly read: ReadFile
}

/** A definition file, or a folder of them. A file is read again when it has changed, and parsed when its text has. */
export class FileSource implements DefinitionSource {
  readonly name: string
  readonly shown: string
  readonly mustBeThere = true
  readonly #path: string
  readonly #environment: Environment | undefined
  readonly #known = new Map<string, Known>()
  #folders: WatchedFolders | undefined
  #looking: NodeJS.Timeout | undefined
  #readMs = 0
  #stdin: ReadFile | undefined

  /** Where definitions refer to the environment, that is judged too. */
  constructor(path: string, environment: Environment | undefined) {
    this.#path = path
    this.#environment = environment
    this.shown = path
    this.name = resolve(path)
  }

  async read(): Promise<SourceReading> {
    if (this.#path === '-') return this.#readStdin()
    const startedAt = performance.now()
    try {
      const files = await filesAt(this.#path)
      const read: ReadFile[] = []
      for (let i = 0; i < files.length; i += atOnce) {
        const some = await Promise.all(files.slice(i, i + atOnce).map(file => this.#readFile(file)))
        read.push(...some.filter(one => one !== undefined))
      }
      const there = new Set(files)
      for (const file of this.#known.keys()) if (!there.has(file)) this.#known.delete(file)
      await this.#folders?.follow([this.#path, ...files.slice(0, 1)])
      return { kind: 'read', files: read }
    } catch (cause) {
      await this.#folders?.follow([this.#path])
      return { kind: 'away', cause }
    } finally {
      this.#readMs = performance.now() - startedAt
    }
  }

  /** It ends once, so that what it said stays. */
  async #readStdin(): Promise<SourceReading> {
    this.#stdin ??= parse('stdin', await text(process.stdin), this.#environment)
    return { kind: 'read', files: [this.#stdin] }
  }

  watch(onChange: () => void, tell: (reason: string) => void): void {
    if (this.#path === '-') return
    this.#folders = new WatchedFolders(onChange, tell)
    const look = (): void => {
      onChange()
      this.#looking = setTimeout(look, Math.max(lookMs, this.#readMs * lookShare))
    }
    this.#looking = setTimeout(look, lookMs)
    void this.#folders.follow([this.#path])
  }

  [Symbol.dispose](): void {
    this.#folders?.[Symbol.dispose]()
    clearTimeout(this.#looking)
  }

  /** `undefined`: it went away meanwhile. One that cannot be read is faulty. */
  async #readFile(file: string): Promise<ReadFile | undefined> {
    try {
      const { mtimeNs, ctimeNs, size, ino } = await stat(file, { bigint: true })
      const stamp = `${mtimeNs} ${ctimeNs} ${size} ${ino}`
      const known = this.#known.get(file)
      if (known !== undefined && known.stamp === stamp && !known.young) return known.read
      const content = await readFile(file, 'utf8')
      const young = Date.now() - Number(mtimeNs / 1_000_000n) < youngMs
      const read = known?.text === content ? known.read : parse(file, content, this.#environment)
      this.#known.set(file, { stamp, young, text: content, read })
      return read
    } catch (thrown) {
      if (file === this.#path) throw thrown
      this.#known.delete(file)
      return isGone(thrown) ? undefined : { file, pipelines: [], faults: [unreadable(file, thrown)] }
    }
  }
}

function parse(file: string, content: string, environment: Environment | undefined): ReadFile {
  const pipelines: ParsedPipeline[] = []
  const faults: Fault[] = []
  for (const read of readSource({ file, text: content }, environment)) {
    if (read.kind === 'fault') faults.push(read.fault)
    else pipelines.push(read.pipeline)
  }
  return { file, pipelines, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) }
}

const isGone = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'

const unreadable = (file: string, thrown: unknown): Fault => ({
  file,
  line: 1,
  column: 1,
  path: '',
  pipeline: undefined,
  code: 'SYNTAX',
  message: `cannot be read: ${messageOf(thrown)}`,
  hint: undefined
})
