export interface DelayBounds {
  readonly firstMs: number
  readonly maxMs: number
}

/** How long to wait before the next of several tries in a row, in milliseconds: longer each time, never quite the same. */
export class GrowingDelay {
  readonly #bounds: DelayBounds
  readonly #random: () => number
  #ms: number

  constructor(bounds: DelayBounds, random: () => number = Math.random) {
    this.#bounds = bounds
    this.#random = random
    this.#ms = bounds.firstMs
  }

  next(): number {
    const ms = this.#ms
    this.#ms = Math.min(this.#bounds.maxMs, ms * 2)
    return ms * (0.5 + this.#random() / 2)
  }

  /** A try has worked. */
  reset(): void {
    this.#ms = this.#bounds.firstMs
  }
}
