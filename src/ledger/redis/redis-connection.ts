import { Cluster } from 'ioredis'
import type { Logger } from '../../telemetry/log.ts'
import type { RedisAddress } from './redis-address.ts'
import { createRedisClient, type RedisClient } from './redis-client.ts'
import { isRefusal, redisFailure } from './redis-failure.ts'
import type { Script } from './scripts/script.ts'

export type Argument = string | number | Uint8Array

/** The connection that carries every command; a failure of any is STORE_UNAVAILABLE. */
export class RedisConnection implements Disposable {
  readonly #client: RedisClient
  #closed = false
  #lastError: unknown = new Error('connect timeout')

  constructor(address: RedisAddress, log: Logger) {
    this.#client = createRedisClient(address, 'commands')
    this.#client.on('error', error => (this.#lastError = error))
    this.#report(address.label, log)
  }

  /** Resolves when commands can be sent; fails when that takes too long, or never will be. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.#client.status === 'ready') return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(redisFailure(this.#lastError)), timeoutMs)
    this.#client.once('ready', resolve)
    this.#client.on('error', error => {
      if (isRefusal(error)) reject(redisFailure(error))
    })
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
  }

  get closed(): boolean {
    return this.#closed
  }

  onReady(listener: () => void): void {
    this.#client.on('ready', listener)
  }

  /** In a cluster each of its masters, by a connection of its own. */
  get nodes(): readonly RedisClient[] {
    return this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client]
  }

  /** Runs the script on the keys that begin with `key`. */
  async run(script: Script, key: string, args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#client.callBuffer('EVALSHA', [script.sha, 1, key, ...args.map(toSendable)])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw redisFailure(error)
    }
    return this.command('EVAL', [script.lua, 1, key, ...args])
  }

  async command(name: string, args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#client.callBuffer(name, args.map(toSendable))
    } catch (error) {
      throw redisFailure(error)
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#client.disconnect()
  }

  /** Once for each outage, however often it is tried to connect. */
  #report(store: string, log: Logger): void {
    let connected = true
    this.#client.on('close', () => {
      if (!connected || this.#closed) return
      connected = false
      log.warn({ store, err: redisFailure(this.#lastError) }, 'the store is not reachable')
    })
    this.#client.on('ready', () => {
      if (connected) return
      connected = true
      log.info({ store }, 'the store is reachable again')
    })
  }
}

function toSendable(argument: Argument): string | number | Buffer {
  if (!(argument instanceof Uint8Array)) return argument
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength)
}
