import { Cluster, Redis } from 'ioredis'
import type { SluiceError } from '../../errors.ts'
import { asBuffer } from '../../event/as-buffer.ts'
import type { Logger } from '../../telemetry/log.ts'
import { Outage } from '../outage.ts'
import { OnePieceCommand } from './one-piece-command.ts'
import type { RedisAddress } from '../../redis/redis-address.ts'
import { createRedisClient, type RedisClient } from '../../redis/redis-client.ts'
import { readNumber } from './read-reply.ts'
import { isOfDatabase, isRefusal, isUnconnected, redisFailure } from './redis-failure.ts'
import type { Script } from './scripts/script.ts'

export type Argument = string | number | Uint8Array

interface Wait {
  readonly node: Redis
  readonly replicas: number
  readonly ms: number
}

/** The connection that carries every command; a failure of any is STORE_UNAVAILABLE. */
export class RedisConnection implements Disposable {
  readonly #client: RedisClient
  readonly #outage: Outage
  #closed = false
  readonly #endOfTurn = new EndOfTurn()
  #corked: Redis['stream'] | undefined
  /** Why there is no connection, whenever there is none. */
  #lastError: unknown = new Error('connect timeout')
  /** Why the connection is one to another database than the URL names. */
  #wrongDatabase: Error | undefined

  constructor(address: RedisAddress, log: Logger) {
    this.#client = createRedisClient(address, 'commands')
    this.#outage = new Outage(address.place, log)
    this.#client.on('error', error => {
      this.#lastError = error
      if (isOfDatabase(error)) this.#wrongDatabase = error
    })
    this.#client.on('ready', () => (this.#lastError = new Error('the connection was lost')))
    this.#client.on('close', () => {
      this.#wrongDatabase = undefined
      this.#failure(this.#lastError)
    })
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

  get outage(): string | undefined {
    return this.#outage.reason
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

  /** Calls back when this turn of the event loop ends, before what it sends leaves. */
  atEndOfTurn(callback: () => void): void {
    this.#endOfTurn.run(callback)
  }

  /** Calls of this turn leave now, not when the turn ends. */
  flush(): void {
    this.#corked?.uncork()
    this.#corked = undefined
  }

  /** Runs the script on the keys that begin with `key`. */
  async run(script: Script, key: string, args: readonly Argument[]): Promise<unknown> {
    const rest = [script.keys.length, ...script.keys.map(end => key + end), ...args]
    try {
      return await this.#call('EVALSHA', [script.sha, ...rest])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw this.#failure(error)
    }
    return this.command('EVAL', [script.lua, ...rest])
  }

  /** The connection to the node that has the key, as far as is known; `undefined`: to none. */
  nodeOf(key: string): Redis | undefined {
    if (this.#client instanceof Redis) return this.#client
    const [name] = this.#client.slots[new OnePieceCommand('EXISTS', [key]).getSlot()] ?? []
    return this.#client.nodes('master').find(({ options }) => `${options.host}:${options.port}` === name)
  }

  /**
   * Runs the script on the node, and waits until so many replicas have what it wrote, or the time is over; answers also
   * how many have it. Both go out at once: on another connection to wait would mean nothing.
   */
  async runAndWait(script: Script, key: string, args: readonly Argument[], wait: Wait) {
    const rest = [script.keys.length, ...script.keys.map(end => key + end), ...args]
    try {
      return await this.#callAndWait('EVALSHA', [script.sha, ...rest], wait)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw this.#failure(error)
    }
    try {
      return await this.#callAndWait('EVAL', [script.lua, ...rest], wait)
    } catch (error) {
      throw this.#failure(error)
    }
  }

  async command(name: string, args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#call(name, args)
    } catch (error) {
      throw this.#failure(error)
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#client.disconnect()
  }

  async #callAndWait(name: string, args: readonly Argument[], { node, replicas, ms }: Wait) {
    const [answer, confirmed] = await Promise.all([
      this.#call(name, args, node),
      this.#call('WAIT', [replicas, ms], node)
    ])
    return { answer, confirmed: readNumber(confirmed) }
  }

  async #call(name: string, args: readonly Argument[], client: RedisClient = this.#client): Promise<unknown> {
    if (this.#wrongDatabase !== undefined) throw this.#wrongDatabase
    if (client === this.#client && client instanceof Redis) this.#inOneWrite(client)
    const command = new OnePieceCommand(name, args.map(toSendable), { replyEncoding: null })
    try {
      const answer = await client.sendCommand(command)
      this.#outage.worked()
      return answer
    } finally {
      // The client still refers to these, and would keep a finished call alive.
      command.args = []
    }
  }

  /** All commands of one turn of the event loop leave in one write: a system call for each costs more than the rest. */
  #inOneWrite({ stream }: Redis): void {
    if (this.#corked === stream || !stream?.writable) return
    this.#corked = stream
    stream.cork()
    this.#endOfTurn.run(() => this.flush())
  }

  #failure(thrown: unknown): SluiceError {
    const failure = redisFailure(isUnconnected(thrown) ? this.#lastError : thrown)
    if (!this.#closed) this.#outage.failed(failure)
    return failure
  }
}

const toSendable = (argument: Argument): string | number | Buffer =>
  !(argument instanceof Uint8Array) || argument instanceof Buffer ? argument : asBuffer(argument)

/** Tasks that are put off until this turn of the event loop ends. */
class EndOfTurn {
  #tasks: (() => void)[] = []

  /** A task that another one puts off is done in the same turn, after those that were there before. */
  run(task: () => void): void {
    if (this.#tasks.push(task) > 1) return
    setImmediate(() => {
      // Grows while it runs.
      for (const each of this.#tasks) each()
      this.#tasks = []
    })
  }
}
