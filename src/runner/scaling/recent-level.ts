/** The mean and the deviation of the load, of which what lies longer back counts less and less. */
export class RecentLevel {
  /** The part of a new value. */
  readonly #weight: number
  #count = 0
  #mean = 0
  #variance = 0

  /** `slots`: after so many values one counts a third of what it did. */
  constructor(slots: number) {
    this.#weight = 1 - Math.exp(-1 / slots)
  }

  note(peak: number): void {
    this.#count++
    const weight = Math.max(1 / this.#count, this.#weight)
    const difference = peak - this.#mean
    this.#mean += weight * difference
    this.#variance = (1 - weight) * (this.#variance + weight * difference * difference)
  }

  /** So many deviations above the mean. */
  above(deviations: number): number {
    return this.#mean + deviations * Math.sqrt(this.#variance)
  }
}
