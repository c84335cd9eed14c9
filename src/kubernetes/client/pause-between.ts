import { setTimeout as delay } from 'node:timers/promises'

const firstMs = 250
const mostMs = 5_000

/** How long to wait before the next attempt: longer after each failure, never as long as anybody else. */
export class PauseBetween {
  #failures = 0

  /** In milliseconds. */
  next(): number {
    const most = Math.min(mostMs, firstMs * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 16)
    return most / 2 + (Math.random() * most) / 2
  }

  /** Waits so long, or until the signal. */
  async wait(signal: AbortSignal): Promise<void> {
    await delay(this.next(), undefined, { signal }).catch(() => {})
  }

  /** It went well. */
  reset(): void {
    this.#failures = 0
  }
}
