import { SluiceError } from '../errors.ts'

/**
 * How many octets of bodies this process holds, of all requests and answers together, and how many it may. Only what
 * begins is refused when it is full: answers of steps count, and are never refused for it.
 */
export class BodyMemory {
  readonly limit: number
  readonly #shed: () => void
  #used = 0

  /** `shed` is told of each request that is refused. */
  constructor(limit: number, shed: () => void = () => {}) {
    this.limit = limit
    this.#shed = shed
  }

  get used(): number {
    return this.#used
  }

  get isFull(): boolean {
    return this.#used >= this.limit
  }

  /** How many bodies of at most this size may be taken on; one, as long as there is any room. */
  roomFor(maxBytes: number): number {
    return this.isFull ? 0 : Math.max(1, Math.floor((this.limit - this.#used) / maxBytes))
  }

  /** Whether so many octets more are too many. */
  isExceededBy(octets: number): boolean {
    return this.#used + octets > this.limit
  }

  add(octets: number): void {
    this.#used += octets
  }

  /** What a request is refused with for which there is no room. */
  refusal(): SluiceError {
    this.#shed()
    return new SluiceError(
      'OVERLOADED',
      `the bodies in flight fill the ${this.limit} bytes that they share (--body-memory)`
    )
  }
}

/** The part of the memory that one request takes. Released for good at its end. */
export class HeldBytes {
  readonly memory: BodyMemory
  #size = 0
  #released = false

  constructor(memory: BodyMemory) {
    this.memory = memory
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
    this.add(octets - this.#size)
  }

  release(): void {
    this.set(0)
    this.#released = true
  }
}
