import { SluiceError } from '../errors.ts'

/** Lets go of as many octets, or as many as can be spared, of those who hold them in vain. */
export type Relieve = (octets: number) => void

/**
 * How many octets of bodies this process holds, of all requests and answers together, and how many it may. Only what
 * begins is refused when it is full: answers of steps count, and are never refused for it. Before anything is refused,
 * those who hold some in vain let go of it.
 */
export class BodyMemory {
  readonly limit: number
  readonly #shed: () => void
  #relieve: Relieve = () => {}
  #used = 0
  #peak = 0

  /** `shed` is told of each request that is refused. */
  constructor(limit: number, shed: () => void = () => {}) {
    this.limit = limit
    this.#shed = shed
  }

  get used(): number {
    return this.#used
  }

  /** `relieve` is called when there is no room; what it lets go of is free when it returns. */
  relievedBy(relieve: Relieve): void {
    this.#relieve = relieve
  }

  /** How many bodies of at most this size may be taken on; one, as long as there is any room. */
  roomFor(maxBytes: number): number {
    return this.hasRoom(1) ? Math.max(1, Math.floor((this.limit - this.#used) / maxBytes)) : 0
  }

  /** Whether there is room for so many octets more. */
  hasRoom(octets: number): boolean {
    const missing = this.#used + octets - this.limit
    if (missing <= 0) return true
    this.#relieve(missing)
    return this.#used + octets <= this.limit
  }

  add(octets: number): void {
    this.#used += octets
    if (this.#used > this.#peak) this.#peak = this.#used
  }

  /** The most octets that were held at once since this was asked the last time. */
  takePeak(): number {
    const peak = this.#peak
    this.#peak = this.#used
    return peak
  }

  /** The refusal of a request for which there is no room. */
  refusal(): SluiceError {
    this.#shed()
    return new SluiceError(
      'OVERLOADED',
      `the bodies in flight fill the ${this.limit} bytes that they share (--body-memory)`
    )
  }
}

/** The part of the memory that one request takes. Released for good at its end. */
export class BodyShare {
  readonly memory: BodyMemory
  /** Octets that somebody else has counted already. */
  readonly #shared: number
  #size = 0
  #released = false

  constructor(memory: BodyMemory, shared = 0) {
    this.memory = memory
    this.#shared = shared
  }

  /** For a part of the request that runs beside others: what is held so far is not counted again. */
  fork(): BodyShare {
    return new BodyShare(this.memory, this.#shared + this.#size)
  }

  get size(): number {
    return this.#size
  }

  add(octets: number): void {
    if (this.#released) return
    this.#size += octets
    this.memory.add(octets)
  }

  set(octets: number): void {
    this.add(Math.max(0, octets - this.#shared) - this.#size)
  }

  release(): void {
    this.set(0)
    this.#released = true
  }
}
