import type { Socket } from 'node:net'
import { Connection, type ConnectionDeps, type Outgoing, type Slow } from './connection.ts'
import type { BodyMemory } from '../event/body-memory.ts'
import { Relief } from './relief.ts'
import type { SlownessLimits } from './slowness.ts'

/** The losses of connections, for the person who runs the gateway. */
export type ConnectionLoss =
  /** There were as many as there may be, and this one had been idle for the longest time. */
  | 'idle'
  /** There were as many as there may be, and none was idle. */
  | 'refused'
  /** Its client took nothing of its answer. */
  | 'unread'

export interface ConnectionsOptions {
  readonly most: number
  readonly slowness: SlownessLimits
  /** The memory that bodies share. */
  readonly memory: BodyMemory
  readonly begin: ConnectionDeps['begin']
  /** Answers with a problem, and closes. */
  readonly refuse: (socket: Socket, why: 'crowded' | 'slow') => void
  readonly lost: (loss: ConnectionLoss) => void
}

/** So many idle connections are looked for at once, and so seldom, since that takes a look at all of them. */
const candidates = 256
const betweenSearchesMs = 20

/** The open connections of a server, up to a number; beyond it the one that was idle longest makes room. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions
  readonly #deps: ConnectionDeps
  readonly #open = new Map<Socket, Connection>()
  readonly #looking: NodeJS.Timeout
  readonly #relief: Relief
  /** The next to make room is the last. */
  #idlest: Connection[] = []
  #foundAt = -Infinity

  constructor(options: ConnectionsOptions) {
    this.#options = options
    this.#deps = { begin: options.begin, queues: { waiting: 0 }, memory: options.memory }
    this.#relief = new Relief(() => this.#open.values(), options.slowness.pressedMs)
    options.memory.relievedBy(octets => this.#relieve(octets))
    this.#looking = setInterval(() => this.#look(), options.slowness.checkMs)
  }

  add(socket: Socket): void {
    if (this.#open.size >= this.#options.most && !this.#makeRoom()) {
      this.#options.lost('refused')
      this.#options.refuse(socket, 'crowded')
      return
    }
    this.#open.set(socket, new Connection(socket, this.#deps, performance.now()))
    // With `once`, requests that are over are kept for a collection more: Node looks through these listeners for each.
    socket.on('close', () => this.#open.delete(socket))
  }

  arrive(outgoing: Outgoing): void {
    const { socket } = outgoing.req
    const connection = this.#open.get(socket)
    // A request on a connection that was refused as it came: it has its answer.
    if (connection !== undefined) connection.arrive(outgoing)
  }

  /** The answer to the request of this connection that came last. */
  latestOn(socket: unknown): Outgoing | undefined {
    return this.#open.get(socket as Socket)?.latest
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking)
  }

  #look(): void {
    const now = performance.now()
    for (const connection of this.#open.values()) {
      const slow = connection.look(this.#options.slowness, now)
      if (slow !== undefined) this.#end(connection, slow)
    }
  }

  #end({ socket }: Connection, slow: Slow): void {
    if (slow === 'upload') return this.#options.refuse(socket, 'slow')
    this.#options.lost('unread')
    socket.destroy()
  }

  #relieve(octets: number): void {
    for (const holding of this.#relief.holding(octets)) {
      holding.connection.letGo(holding)
      if (holding.slow === 'answer') this.#options.lost('unread')
    }
  }

  #makeRoom(): boolean {
    const idle = this.#takeIdlest() ?? this.#findIdlest()
    if (idle === undefined) return false
    this.#open.delete(idle.socket)
    this.#options.lost('idle')
    idle.socket.destroy()
    return true
  }

  #takeIdlest(): Connection | undefined {
    for (let next = this.#idlest.pop(); next !== undefined; next = this.#idlest.pop()) {
      if (next.idleSince !== undefined && this.#open.has(next.socket)) return next
    }
    return undefined
  }

  #findIdlest(): Connection | undefined {
    const now = performance.now()
    if (now - this.#foundAt < betweenSearchesMs) return undefined
    this.#foundAt = now
    const idle = [...this.#open.values()].toReversed().filter(({ idleSince }) => idleSince !== undefined)
    this.#idlest = idle.sort((a, b) => (b.idleSince ?? 0) - (a.idleSince ?? 0)).slice(-candidates)
    return this.#takeIdlest()
  }
}
