const leastMs = 250
const mostMs = 3_000
/** Slow answers take this many times as long before somebody stops waiting. */
const factor = 3

/** How long answers are waited for: whoever waits longer hangs up while the gateway works. Busy machines get more time. */
export class Patience {
  /** The time that a slow answer takes: it follows longer times soon, and shorter ones by and by. */
  #slowMs = 1_000

  get ms(): number {
    return Math.min(mostMs, Math.max(leastMs, factor * this.#slowMs))
  }

  /** An answer has come after so many milliseconds. */
  answered(ms: number): void {
    this.#slowMs += (ms > this.#slowMs ? 0.3 : 0.02) * (ms - this.#slowMs)
  }
}
