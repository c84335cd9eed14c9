import type { EndSignal } from '../event/end-signal.ts'

/** Ends a request, and tells those who work on it. Lighter than an `AbortController`: each request has one. */
export class EndSwitch implements EndSignal {
  /** Seldom more than one, and then the last to come is the first to go. */
  readonly #listeners: (() => void)[] = []
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    for (let listener = this.#listeners.pop(); listener !== undefined; listener = this.#listeners.pop()) listener()
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.lastIndexOf(listener)
    if (index >= 0) this.#listeners.splice(index, 1)
  }
}
