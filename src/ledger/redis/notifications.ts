import type { Logger } from '../../telemetry/log.ts'
import type { Keys } from './keys.ts'
import type { RedisAddress } from '../../redis/redis-address.ts'
import { createRedisClient, type RedisClient } from '../../redis/redis-client.ts'
import type { RedisConnection } from './redis-connection.ts'

/** Called with a message, or with `undefined` when messages may have been missed. */
export type Listener = (message: string | undefined) => void

const heartbeatMs = 2000
const silenceMs = 6000

/**
 * The messages of other processes. The process also tells itself something from time to time: a subscription that does
 * not hear it (a server that hangs, a cluster node that left) is given up for a new one. A message can be lost all the
 * same, so whoever waits for one also looks by itself, only more slowly.
 */
export class Notifications implements Disposable {
  readonly #address: RedisAddress
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #timer: NodeJS.Timeout
  #client: RedisClient
  #heardAt = performance.now()
  #deaf = true

  constructor(address: RedisAddress, connection: RedisConnection, keys: Keys, log: Logger) {
    this.#address = address
    this.#log = log
    this.#client = this.#connect()
    this.listen(keys.heartbeat, () => {})
    this.#timer = setInterval(() => {
      if (performance.now() - this.#heardAt > silenceMs) this.#renew()
      // When it fails, nothing is heard.
      connection.command('PUBLISH', [keys.heartbeat, '']).catch(() => {})
    }, heartbeatMs)
  }

  /** Whether nothing is heard at the moment, not even what this process does: there may be no right to channels. */
  get deaf(): boolean {
    return this.#deaf
  }

  /** Also calls back when the subscription begins: what was before it may have been missed. */
  listen(channel: string, listener: Listener): Disposable {
    const listeners = this.#listeners.get(channel) ?? new Set()
    listeners.add(listener)
    if (!this.#listeners.has(channel)) {
      this.#listeners.set(channel, listeners)
      this.#subscribe([channel])
    }
    return {
      [Symbol.dispose]: () => {
        if (!listeners.delete(listener) || listeners.size > 0) return
        this.#listeners.delete(channel)
        this.#client.unsubscribe(channel).catch(this.#tolerate)
      }
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#tell([...this.#listeners.keys()], undefined)
    this.#listeners.clear()
    this.#client.disconnect()
  }

  #connect(): RedisClient {
    this.#heardAt = performance.now()
    const client = createRedisClient(this.#address, 'subscriptions')
    client.on('error', this.#tolerate)
    client.on('close', () => (this.#deaf = true))
    client.on('message', (channel: string, message: string) => {
      this.#heardAt = performance.now()
      this.#tell([channel], message)
    })
    // The client would subscribe again by itself, but for a failure of that nobody could be there: it would be
    // unhandled.
    client.on('ready', () => this.#subscribe([...this.#listeners.keys()]))
    return client
  }

  #renew(): void {
    this.#client.disconnect()
    this.#client = this.#connect()
  }

  #subscribe(channels: readonly string[]): void {
    if (channels.length === 0) return
    const subscribed = (): void => {
      this.#deaf = false
      this.#tell(channels, undefined)
    }
    this.#client.subscribe(...channels).then(subscribed, this.#tolerate)
  }

  #tell(channels: readonly string[], message: string | undefined): void {
    for (const channel of channels) for (const listener of this.#listeners.get(channel) ?? []) listener(message)
  }

  /** The connection that carries the commands tells of an outage; the client, or the heartbeat, ends it. */
  readonly #tolerate = (error: unknown): void => this.#log.debug({ err: error }, 'the subscription to the store failed')
}
