import { decodeName, encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readList, readText } from './reply.ts'

/** The pipelines that ever accepted a request: an index of its own, since in a cluster each lives in another place. */
export class KnownPipelines {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #added = new Set<string>()

  constructor(connection: RedisConnection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
    // The server may have lost what it knew, or be another one.
    connection.onReady(() => this.#added.clear())
  }

  /** Whether it is among those that were added. */
  has(pipeline: string): boolean {
    return this.#added.has(pipeline)
  }

  /** Done before a request is accepted, so that none is where nobody looks. */
  async add(pipeline: string): Promise<void> {
    if (this.#added.has(pipeline)) return
    await this.#connection.command('SADD', [this.#keys.pipelines, encodeName(pipeline)])
    this.#added.add(pipeline)
  }

  async list(): Promise<readonly string[]> {
    const names = readList(await this.#connection.command('SMEMBERS', [this.#keys.pipelines]))
    return names.map(name => decodeName(readText(name)))
  }

  /** What `visit` answers for each of them. */
  async each<T>(visit: (pipeline: string) => Promise<T>): Promise<readonly T[]> {
    return Promise.all((await this.list()).map(visit))
  }
}
