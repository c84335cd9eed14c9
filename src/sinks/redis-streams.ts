import { once } from 'node:events'
import { messageOf, SluiceError, type ErrorCode } from '../errors.ts'
import { entryOf } from '../event/entry-fields.ts'
import { readRedisAddress } from '../ledger/redis/redis-address.ts'
import type { RedisClient } from '../ledger/redis/redis-client.ts'
import type { Sink } from './sink.ts'

/** Streams that events are added to: a connection for each Redis, made on first use. */
export class RedisStreams implements AsyncDisposable {
  readonly #clients = new Map<string, RedisClient>()
  /** Of those that connect: one wait for all calls. */
  readonly #connecting = new Map<RedisClient, Promise<unknown>>()

  sink(url: string, stream: string): Sink {
    return {
      take: async event => {
        try {
          const client = await this.#ready(url)
          await client.xadd(stream, '*', ...entryOf(event))
        } catch (thrown) {
          throw failure(thrown)
        }
      }
    }
  }

  /** Ends the connections to these URLs. */
  drop(unused: ReadonlySet<string>): void {
    for (const [url, client] of this.#clients) {
      if (!unused.has(url)) continue
      this.#clients.delete(url)
      client.disconnect()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) client.disconnect()
    this.#clients.clear()
    return Promise.resolve()
  }

  /** Commands fail at once without a connection, so that the first ones wait for it; how long, their caller says. */
  async #ready(url: string): Promise<RedisClient> {
    // Few gateways have such a sink, and the package of Redis is not small.
    const { createRedisClient } = await import('../ledger/redis/redis-client.ts')
    const known = this.#clients.get(url)
    const client = known ?? createRedisClient(readRedisAddress(url), 'commands')
    if (known === undefined) {
      // Whoever adds an event is told.
      client.on('error', () => {})
      this.#clients.set(url, client)
    }
    if (client.status === 'ready') return client
    const connecting = this.#connecting.get(client) ?? once(client, 'ready', { signal: AbortSignal.timeout(connectMs) })
    this.#connecting.set(client, connecting)
    try {
      await connecting
    } finally {
      this.#connecting.delete(client)
    }
    return client
  }
}

/** How long a call waits for a connection, in milliseconds. */
const connectMs = 2_000

/** Redis will answer otherwise when it has been given memory, say, or has come back. */
const passing = /^-?(OOM|READONLY|LOADING|BUSY|MISCONF|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/

/** Without the URL: it may hold a password. */
function failure(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  const said = messageOf(thrown)
  const isAnswer = thrown instanceof Error && thrown.name === 'ReplyError'
  const code: ErrorCode = isAnswer && !passing.test(said) ? 'STEP_REJECTED' : 'STEP_UNREACHABLE'
  return new SluiceError(code, isAnswer ? `Redis answered ${said}` : 'Redis cannot be reached', { cause: thrown })
}
