import type { Permits } from './permits.ts'

/**
 * A bounded number of permits with a first-come queue that a waiter can leave. undici has a queue of its own, but a
 * request cannot leave it, and aborting one that was dequeued costs the connection that it was given.
 */
export class Slots implements Permits {
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  take(start: () => void): () => void {
    if (this.#free > 0) {
      this.#free--
      start()
      return nothing
    }
    this.#waiting.add(start)
    return () => void this.#waiting.delete(start)
  }

  tryTake(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  release(): void {
    if (this.#waiting.size === 0) {
      this.#free++
      return
    }
    const [next = nothing] = this.#waiting
    this.#waiting.delete(next)
    next()
  }

  get waiting(): number {
    return this.#waiting.size
  }
}

const nothing = (): void => {}
