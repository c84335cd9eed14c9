import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { BodyShare, type BodyMemory } from '../event/body-memory.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { pauseReading, resumeReading } from './reading.ts'
import type { SlownessLimits } from './slowness.ts'
import { UnsentWatch } from './unsent.ts'
import { UploadWatch } from './upload-watch.ts'

export type Outgoing = ServerResponse<IncomingRequest>

/** The fault of a connection: its body stalls, or its client takes nothing of its answer. */
export type Slow = 'upload' | 'answer'

/** Memory for bodies that a connection holds for a slow client. */
export interface Holding {
  readonly connection: Connection
  readonly slow: Slow
  readonly octets: number
  readonly forMs: number
}

/** The parts that all connections share. */
export interface ConnectionDeps {
  readonly begin: (outgoing: Outgoing) => void
  readonly memory: BodyMemory
  readonly queues: Queues
}

/** How many requests wait for their turn, on all connections together. */
export interface Queues {
  waiting: number
}

/** So many may wait on one connection in any case, and while no more than these wait on all, any number: 3 KB each. */
const alwaysWaiting = 16
const mostWaiting = 16_384

/**
 * One connection of a client. Its requests are begun in turn, each when the answer before it has left; while one waits,
 * nothing more is read: a client that sends a thousand at once, and reads nothing, costs one answer.
 */
export class Connection {
  readonly socket: Socket
  readonly #begin: (outgoing: Outgoing) => void
  readonly #queues: Queues
  readonly #memory: BodyMemory
  readonly #waiting: Outgoing[] = []
  readonly #unsent = new UnsentWatch()
  #upload: { readonly of: Outgoing; readonly since: number; readonly watch: UploadWatch } | undefined
  #current: Outgoing | undefined
  #requests = 0
  #requestsSeen = 0
  #idleSince: number
  #lookedAt: number

  constructor(socket: Socket, { begin, queues, memory }: ConnectionDeps, now: number) {
    this.socket = socket
    this.#begin = begin
    this.#queues = queues
    this.#memory = memory
    this.#idleSince = this.#lookedAt = now
    // Node reads on with each piece of an answer that has left.
    socket.on('drain', () => this.#waiting.length > 0 && pauseReading(this.socket))
  }

  /** The answer to the request that came last. */
  get latest(): Outgoing | undefined {
    return this.#waiting.at(-1) ?? this.#current
  }

  /** Since when nothing is under way, as far as the last looks can tell; `undefined`: something is. */
  get idleSince(): number | undefined {
    if (!this.#isFree) return undefined
    return this.#requests === this.#requestsSeen ? this.#idleSince : this.#lookedAt
  }

  arrive(outgoing: Outgoing): void {
    this.#requests++
    if (this.#isFree) {
      this.#current = outgoing
      this.#begin(outgoing)
    } else if (this.#waiting.length >= alwaysWaiting && this.#queues.waiting >= mostWaiting) {
      this.socket.destroy()
    } else {
      outgoing.req.keepBody(new BodyShare(this.#memory))
      this.#queues.waiting++
      if (this.#waiting.push(outgoing) === 1) this.#current?.once('close', this.#next)
      pauseReading(this.socket)
    }
  }

  /** Looks at how octets have moved since the last look. */
  look(limits: SlownessLimits, now: number): Slow | undefined {
    if (this.#requests !== this.#requestsSeen || !this.#isFree) this.#idleSince = now
    this.#requestsSeen = this.#requests
    this.#lookedAt = now
    if (this.#unsent.stuckMs(this.socket, now) >= limits.answerMs) return 'answer'
    return this.#isUploadStalled(limits, now) ? 'upload' : undefined
  }

  /** The memory that it has held for so long without its client doing anything for it; `undefined`: none. */
  heldInVain(afterMs: number, now: number): Holding | undefined {
    const request = this.#current?.req
    const size = request?.share?.size ?? 0
    const stuckMs = this.#unsent.stuckMs(this.socket, now)
    if (size > 0 && stuckMs >= afterMs) return { connection: this, slow: 'answer', octets: size, forMs: stuckMs }
    const collected = request?.collected ?? 0
    const comingMs = this.#upload !== undefined && this.#upload.of === this.#current ? now - this.#upload.since : 0
    if (collected === 0 || comingMs < afterMs) return undefined
    return { connection: this, slow: 'upload', octets: collected, forMs: comingMs }
  }

  /** Gives back the memory that it holds, now. */
  letGo({ slow }: Holding): void {
    if (slow === 'upload') return this.#current?.req.refuseBody()
    this.#current?.req.share?.release()
    this.socket.destroy()
  }

  /** False: an answer has not left yet, or others wait for theirs. */
  get #isFree(): boolean {
    return this.#waiting.length === 0 && (this.#current === undefined || this.#current.socket === null)
  }

  readonly #next = (): void => {
    // A connection that ends takes those that wait along.
    const gone = this.socket.writable ? [] : this.#waiting.splice(0)
    for (const { req } of gone) req.releaseBody()
    const outgoing = this.#waiting.shift()
    this.#queues.waiting -= outgoing === undefined ? gone.length : 1
    if (outgoing === undefined) return
    this.#current = outgoing
    if (this.#waiting.length === 0) resumeReading(this.socket)
    else outgoing.once('close', this.#next)
    // One that was not HTTP to its end has been answered already.
    if (!outgoing.writableEnded) this.#begin(outgoing)
  }

  #isUploadStalled(limits: SlownessLimits, now: number): boolean {
    const size = this.#current?.req.collected
    if (this.#current === undefined || size === undefined) {
      this.#upload = undefined
      return false
    }
    if (this.#upload?.of !== this.#current) {
      this.#upload = { of: this.#current, since: now, watch: new UploadWatch(limits, size, now) }
    }
    return this.#upload.watch.isStalled(size, now)
  }
}
