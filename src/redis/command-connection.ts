import { once } from 'node:events'
import { readRedisAddress } from './redis-address.ts'
import { createRedisClient, type RedisClient } from './redis-client.ts'

/** How long somebody waits for it, in milliseconds. */
const connectMs = 2_000

/** A connection to the Redis of a URL, made at once. Whatever goes wrong with it is told by the commands that fail. */
export class CommandConnection implements Disposable {
  readonly client: RedisClient
  /** One wait for all who wait. */
  #connecting: Promise<unknown> | undefined

  constructor(url: string) {
    this.client = createRedisClient(readRedisAddress(url), 'commands')
    this.client.on('error', () => {})
  }

  /** Commands fail at once without a connection, so that the first ones wait for it. */
  async ready(): Promise<RedisClient> {
    if (this.client.status === 'ready') return this.client
    this.#connecting ??= once(this.client, 'ready', { signal: AbortSignal.timeout(connectMs) })
    try {
      await this.#connecting
    } finally {
      this.#connecting = undefined
    }
    return this.client
  }

  [Symbol.dispose](): void {
    this.client.disconnect()
  }
}
