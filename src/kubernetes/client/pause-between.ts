import { setTimeout as delay } from 'node:timers/promises'
import { ApiFailure } from './api-failure.ts'

const firstMs = 250
const mostMs = 5_000
/** A server that wants to be left alone for longer is asked now and then: one request does not hurt it. */
const mostAskedMs = 10_000

/** How long to wait before the next attempt: longer after each failure, never as long as anybody else. */
export class PauseBetween {
  #failures = 0

  /** In milliseconds. */
  next(): number {
    const most = Math.min(mostMs, firstMs * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 16)
    return most / 2 + (Math.random() * most) / 2
  }

  /** The same after a failure, and not before the time that the API server has asked for. */
  nextAfter(thrown: unknown): number {
    const askedMs = thrown instanceof ApiFailure ? Math.min(thrown.retryAfterMs ?? 0, mostAskedMs) : 0
    return Math.max(this.next(), askedMs + Math.random() * Math.min(askedMs, 1_000))
  }

  /** Waits so long, or until the signal. */
  async waitAfter(thrown: unknown, signal: AbortSignal): Promise<void> {
    await delay(this.nextAfter(thrown), undefined, { signal }).catch(() => {})
  }

  /** It went well. */
  reset(): void {
    this.#failures = 0
  }
}
