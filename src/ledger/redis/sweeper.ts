import { randomUUID } from 'node:crypto'
import type { Keys } from './keys.ts'
import type { KnownPipelines } from './known-pipelines.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readNumber } from './read-reply.ts'
import { electScript } from './scripts/elect.ts'
import { sweepScript } from './scripts/sweep.ts'

const everyMs = 2_000
/** The one that sweeps is late twice before another takes over. */
const leaseMs = 3 * everyMs
/** Small, so that a request never waits long for a sweep. */
const sliceSize = 200
/** Pipelines that are swept at once. */
const atOnce = 50

/**
 * Takes expired requests out of the indexes, whether new ones come or not. Of all replicas one does, which Redis
 * elects.
 */
export class RedisSweeper implements Disposable {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #pipelines: KnownPipelines
  readonly #owner = randomUUID()
  #timer: NodeJS.Timeout | undefined
  #disposed = false

  constructor(connection: RedisConnection, keys: Keys, pipelines: KnownPipelines) {
    this.#connection = connection
    this.#keys = keys
    this.#pipelines = pipelines
    this.#schedule()
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    if (this.#disposed) return
    this.#timer = setTimeout(() => {
      // A store that is away is told to those who need it; the sweep only tries again.
      void this.#sweep()
        .catch(() => {})
        .then(() => this.#schedule())
    }, everyMs)
  }

  async #sweep(): Promise<void> {
    const elected = await this.#connection.run(electScript, this.#keys.role('sweep'), [this.#owner, leaseMs])
    if (readNumber(elected) !== 1) return
    const pipelines = await this.#pipelines.list()
    for (let i = 0; i < pipelines.length && !this.#disposed; i += atOnce) {
      await Promise.all(pipelines.slice(i, i + atOnce).map(pipeline => this.#sweepOf(pipeline)))
    }
  }

  async #sweepOf(pipeline: string): Promise<void> {
    let swept = 0
    do swept = readNumber(await this.#connection.run(sweepScript, this.#keys.pipeline(pipeline), [sliceSize]))
    while (swept > 0 && !this.#disposed)
  }
}
