import type { Logger } from '../../telemetry/log.ts'
import { decodeName, encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readList, readNumber, readText } from './read-reply.ts'

/**
 * The pipelines that ever accepted a request: an index of its own, since in a cluster each lives in another place. One
 * that was in it and is not any more was removed by somebody else, with all that it had accepted.
 */
export class KnownPipelines {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #log: Logger
  /** Those that this process added to the server that it is connected to. */
  readonly #added = new Set<string>()
  /** Those of them that have accepted nothing since. */
  readonly #fresh = new Set<string>()
  /** Those that were once seen in the index. */
  readonly #seen = new Set<string>()

  constructor(connection: RedisConnection, keys: Keys, log: Logger) {
    this.#connection = connection
    this.#keys = keys
    this.#log = log
    // The server may have lost what it knew, or be another one.
    connection.onReady(() => {
      this.#added.clear()
      this.#fresh.clear()
    })
  }

  /** Whether it is among those that were added. */
  has(pipeline: string): boolean {
    return this.#added.has(pipeline)
  }

  /** Whether it was added a moment ago: no request has been accepted since. */
  isFresh(pipeline: string): boolean {
    return this.#fresh.has(pipeline)
  }

  accepted(pipeline: string): void {
    this.#fresh.delete(pipeline)
  }

  /** Done before a request is accepted, so that none is where nobody looks. */
  async add(pipeline: string): Promise<void> {
    if (!this.#added.has(pipeline)) await this.listAgain(pipeline)
  }

  /** The same, of one that was added and may have been removed by others. */
  async listAgain(pipeline: string): Promise<void> {
    const isNew = readNumber(await this.#connection.command('SADD', [this.#keys.pipelines, encodeName(pipeline)])) === 1
    if (isNew && this.#seen.has(pipeline)) this.#tellEmptied([pipeline])
    this.#added.add(pipeline)
    this.#fresh.add(pipeline)
    this.#seen.add(pipeline)
  }

  async list(): Promise<readonly string[]> {
    const before = [...this.#seen]
    const names = readList(await this.#connection.command('SMEMBERS', [this.#keys.pipelines]))
    const listed = new Set(names.map(name => decodeName(readText(name))))
    const removed = before.filter(pipeline => !listed.has(pipeline))
    for (const pipeline of listed) this.#seen.add(pipeline)
    if (removed.length === 0) return [...listed]
    for (const pipeline of removed) this.#seen.delete(pipeline)
    this.#tellEmptied(removed)
    // Requests that were accepted since are there, and must be found.
    await Promise.all(removed.map(pipeline => this.listAgain(pipeline)))
    return [...listed, ...removed]
  }

  /** The answer of `visit` for each of them. */
  async each<T>(visit: (pipeline: string) => Promise<T>): Promise<readonly T[]> {
    return Promise.all((await this.list()).map(visit))
  }

  #tellEmptied(pipelines: readonly string[]): void {
    this.#log.error(
      { prefix: this.#keys.prefix, pipelines: pipelines.slice(0, 10), count: pipelines.length },
      'the store was emptied by somebody else, or has lost its data: what these pipelines had accepted is gone; what is accepted from now on is run'
    )
  }
}
