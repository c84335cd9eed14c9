import type { StoreCalls } from './operation-queue.ts'

/** Small, so that a request never waits long for a sweep. */
const sliceSize = 200
const idleMs = 1000
const busyMs = 10

/** A megabyte of pages at once, with rests between: 40 MB in a second at most. */
const shrinkPages = 256
const shrinkMs = 25

/** Forgets requests whose time to live is over, slice by slice, and lets the file shrink, until it is disposed. */
export class Sweeper implements Disposable {
  readonly #calls: StoreCalls
  #timer: NodeJS.Timeout | undefined
  #shrinking = false
  #disposed = false

  constructor(calls: StoreCalls) {
    this.#calls = calls
    this.#schedule(idleMs)
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    clearTimeout(this.#timer)
  }

  #schedule(delayMs: number): void {
    if (!this.#disposed) this.#timer = setTimeout(() => void this.#work(), delayMs)
  }

  /** A store that cannot be written is told to those who write; this only tries again. */
  async #work(): Promise<void> {
    try {
      this.#schedule(await this.#workSlice())
    } catch {
      this.#schedule(idleMs)
    }
  }

  /** Answers when the next slice is due, in milliseconds. */
  async #workSlice(): Promise<number> {
    if ((await this.#calls.run('sweep', { limit: sliceSize })) === sliceSize) return busyMs
    const given = await this.#calls.run('shrink', { pages: shrinkPages, begun: this.#shrinking })
    if (given === 0 && this.#shrinking) await this.#calls.run('trim', undefined)
    this.#shrinking = given > 0
    return this.#shrinking ? shrinkMs : idleMs
  }
}
