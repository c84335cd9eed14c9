/** How long a change waits for the next one, and how long at the most, in milliseconds. */
const quietMs = 50
const patienceMs = 200

/** Calls back once no change has come for a moment, or changes have come for too long. */
export class Quiet implements Disposable {
  readonly #onQuiet: () => void
  #timer: NodeJS.Timeout | undefined
  #since: number | undefined

  constructor(onQuiet: () => void) {
    this.#onQuiet = onQuiet
  }

  /** There was a change. */
  disturb(): void {
    const now = performance.now()
    this.#since ??= now
    clearTimeout(this.#timer)
    const leftMs = Math.max(0, this.#since + patienceMs - now)
    this.#timer = setTimeout(
      () => {
        this.#since = undefined
        this.#onQuiet()
      },
      Math.min(quietMs, leftMs)
    )
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
