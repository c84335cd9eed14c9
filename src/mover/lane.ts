/**
 * How many stored requests of one pipeline run at once on this replica.
 *
 * - open:    up to `maxInFlight`
 * - held:    a breaker is open; nothing is begun until the hold is over
 * - ramping: after a hold, first one, then one more with each that ends well, up to `maxInFlight`
 */
export class Lane {
  readonly #maxInFlight: () => number
  #running = 0
  #allowed = Infinity
  #heldUntil = 0

  constructor(maxInFlight: () => number) {
    this.#maxInFlight = maxInFlight
  }

  /** Requests that may be begun now. `now` is on the clock of `performance.now()`. */
  room(now: number): number {
    if (now < this.#heldUntil) return 0
    return Math.max(0, Math.min(this.#maxInFlight(), this.#allowed) - this.#running)
  }

  begin(count = 1): void {
    this.#running += count
  }

  end(count = 1): void {
    this.#running -= count
  }

  /** Holds the lane for some time; it comes back slowly. */
  hold(ms: number, now: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, now + ms)
    this.#allowed = 1
  }

  /** Tells of a run that ended well. */
  succeeded(): void {
    if (this.#allowed === Infinity) return
    this.#allowed++
    if (this.#allowed >= this.#maxInFlight()) this.#allowed = Infinity
  }

  /** When the hold is over; 0: there is none. */
  get heldUntil(): number {
    return this.#heldUntil
  }
}
