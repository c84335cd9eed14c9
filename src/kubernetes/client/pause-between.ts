import { setTimeout as delay } from 'node:timers/promises'
import { GrowingDelay } from '../../growing-delay.ts'
import { ApiFailure } from './api-failure.ts'

const bounds = { firstMs: 250, maxMs: 5_000 }
/** A server that wants to be left alone for longer is asked now and then: one request does not hurt it. */
const mostAskedMs = 10_000

/** How long to wait before the next attempt: longer after each failure, never as long as anybody else. */
export class PauseBetween {
  readonly #delay = new GrowingDelay(bounds)

  /** In milliseconds. */
  next(): number {
    return this.#delay.next()
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
    this.#delay.reset()
  }
}
