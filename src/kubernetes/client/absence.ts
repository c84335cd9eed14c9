/** A watch that is broken off is connected again in no time: what takes longer counts, in milliseconds. */
const awayMs = 3_000

/** Whether the API server has been away for a while, by what a watch tells of it. */
export class Absence implements Disposable {
  readonly #begun: () => void
  #timer: NodeJS.Timeout | undefined
  #isAway = false
  #cause: unknown

  /** `begun` is told when it has been away for a while. */
  constructor(begun: () => void) {
    this.#begun = begun
  }

  get isAway(): boolean {
    return this.#isAway
  }

  /** The failure that it began with. */
  get cause(): unknown {
    return this.#cause
  }

  /** The watch was broken off. */
  begin(cause: unknown): void {
    if (this.#isAway || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#isAway = true
      this.#cause = cause
      this.#begun()
    }, awayMs)
  }

  /** It has answered. Says whether it had been away for a while. */
  end(): boolean {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const wasAway = this.#isAway
    this.#isAway = false
    this.#cause = undefined
    return wasAway
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
