import type { StoreCalls } from './operation-queue.ts'

/** Small, so that a request never waits long for a sweep. */
const sliceSize = 200
const idleMs = 1000
const busyMs = 10

/** Forgets requests whose time to live is over, slice by slice, until it is disposed. */
export class Sweeper implements Disposable {
  readonly #calls: StoreCalls
  #timer: NodeJS.Timeout | undefined
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
    if (!this.#disposed) this.#timer = setTimeout(() => void this.#sweep(), delayMs)
  }

  async #sweep(): Promise<void> {
    const swept = await this.#sweepSlice()
    this.#schedule(swept === sliceSize ? busyMs : idleMs)
  }

  /** A store that cannot be written is told to those who write; the sweep only tries again. */
  async #sweepSlice(): Promise<number> {
    try {
      return await this.#calls.run('sweep', { limit: sliceSize })
    } catch {
      return 0
    }
  }
}
