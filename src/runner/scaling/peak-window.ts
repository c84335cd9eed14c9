/** The largest of the values that were noted within the last while. */
export class PeakWindow {
  /** In order of time, each smaller than the one before it: a smaller value before a larger one never counts again. */
  #values: { readonly value: number; readonly at: number }[] = []

  /** `at` never goes back. */
  note(value: number, at: number): void {
    while ((this.#values.at(-1)?.value ?? Infinity) <= value) this.#values.pop()
    this.#values.push({ value, at })
  }

  /** The largest value of the last `windowMs`; 0: there is none. */
  peak(now: number, windowMs: number): number {
    while (this.#values[0] !== undefined && this.#values[0].at < now - windowMs) this.#values.shift()
    return this.#values[0]?.value ?? 0
  }
}
