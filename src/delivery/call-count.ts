/** How many calls a request may still make, over all its steps and branches. */
export class CallCount {
  readonly limit: number
  #made: number

  /** `made`: by earlier deliveries of the request. */
  constructor(limit: number, made: number) {
    this.limit = limit
    this.#made = made
  }

  /** By all deliveries so far. */
  get made(): number {
    return this.#made
  }

  /** Counts one more call; false: there may be none. */
  take(): boolean {
    if (this.#made >= this.limit) return false
    this.#made++
    return true
  }
}
