import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import type { Carrier } from './exchange.ts'
import { skipContinue } from './skip-continue.ts'
import { Slots } from './slots.ts'
import { Client } from './undici-parts.ts'

/**
 * The clients of one origin, each with one connection, and as many in use as there may be. undici's pool has them too,
 * but it looks through all of them for a free one with each request, and listens to each for when it is free, which is
 * known here.
 */
export class Clients implements AsyncDisposable {
  readonly #create: () => OneClient
  readonly #slots: Slots
  readonly #most: number
  readonly #all = new Set<OneClient>()
  /** With a connection; the last is the next to be used. */
  readonly #free: OneClient[] = []
  /** Whose connection has ended, or is not made yet: the request that it was for was given up. */
  readonly #ended: OneClient[] = []
  #isClosed = false

  constructor(name: string, connect: buildConnector.connector, connections: number) {
    this.#create = () => new OneClient(name, connect)
    this.#slots = new Slots(connections)
    this.#most = connections
  }

  /** Calls `start`, now or later, when a client may be taken; the answer takes a waiter out of the line. */
  wait(start: () => void): () => void {
    return this.#slots.take(start)
  }

  /** Whether one may be taken now, which the caller then does. */
  tryEnter(): boolean {
    return this.#slots.tryTake()
  }

  /** The one that was used last, so that those beyond the need idle until they are closed; or else a new one. */
  take(): OneClient {
    return this.#free.pop() ?? this.#takeEnded() ?? this.takeNew()
  }

  /** One without a connection, which cannot be stale. */
  takeNew(): OneClient {
    if (this.#all.size >= this.#most) this.#makeRoom()
    const client = this.#create()
    this.#all.add(client)
    if (this.#isClosed) void client.destroy()
    return client
  }

  giveBack(client: OneClient, isConnected: boolean): void {
    if (isConnected) this.#giveTo(this.#free, client)
    // It may be about to tell of its end, and takes no other request until it has.
    else queueMicrotask(() => this.#giveTo(this.#ended, client))
  }

  /** Gives it back for good: a new one takes its place. */
  drop(client: OneClient): void {
    this.#destroy(client)
    this.#slots.release()
  }

  #giveTo(list: OneClient[], client: OneClient): void {
    list.push(client)
    this.#slots.release()
  }

  #destroy(client: OneClient): void {
    this.#all.delete(client)
    // It may be about to tell of its end, and looks at itself after that.
    queueMicrotask(() => void client.destroy())
  }

  /** There is one that nobody uses: as many are in use as there may be, and this is about to be one of them. */
  #makeRoom(): void {
    const unused = this.#ended.shift() ?? this.#free.shift()
    if (unused !== undefined) this.#destroy(unused)
  }

  /** One that still has to do with a request that was given up is used only where there may be no new one. */
  #takeEnded(): OneClient | undefined {
    if (this.#ended.length === 0) return undefined
    const idle = this.#ended.findIndex(({ stats }) => stats.size === 0)
    if (idle === -1 && this.#all.size < this.#most) return undefined
    const [client] = this.#ended.splice(Math.max(0, idle), 1)
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all(Array.from(this.#all, client => client.destroy()))
  }
}

/** Timeouts are ours (they count the wait for a connection); an answer may be as slow as the step's timeout. */
const clientOptions = { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false } as const

/** A client that shows its connection, so that a stale one is recognised. */
export class OneClient extends Client {
  readonly carrier: Carrier

  constructor(name: string, connect: buildConnector.connector) {
    const carrier: { socket: Socket | undefined } = { socket: undefined }
    super(name, {
      ...clientOptions,
      connect: (options, callback) => {
        // The connection before this one is gone: what fails from now on was not waiting for it.
        carrier.socket = undefined
        connect(options, (...result) => {
          carrier.socket = result[1] ?? undefined
          callback(...result)
        })
      }
    })
    this.carrier = carrier
    this.on('connect', () => skipContinue(carrier.socket))
  }
}
