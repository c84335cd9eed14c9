import type { EndSignal } from '../delivery/deliver.ts'

/** Ends a request, and tells those who work on it. Lighter than an `AbortController`: each request has one. */
export class Ending implements EndSignal {
  /** Seldom more than one, and then the last to come is the first to go. */
  #listeners: (() => void)[] = []
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    // A listener that is called may take itself away.
    for (const listener of [...this.#listeners]) listener()
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#listeners.at(-1) === listener) this.#listeners.pop()
    else this.#listeners = this.#listeners.filter(each => each !== listener)
  }
}
