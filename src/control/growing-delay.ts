const firstMs = 50
const maxMs = 2_000

/** How long to wait before the next of several tries in a row, in milliseconds: longer each time, never quite the same. */
export class GrowingDelay {
  readonly #random: () => number
  #ms = firstMs

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  next(): number {
    const ms = this.#ms
    this.#ms = Math.min(maxMs, ms * 2)
    return ms * (0.5 + this.#random() / 2)
  }

  /** A try has worked. */
  reset(): void {
    this.#ms = firstMs
  }
}
