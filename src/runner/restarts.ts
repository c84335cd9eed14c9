import type { Ending } from './instance.ts'
import { restartDelay, stepRestarts, wasStable } from './restart-delay.ts'

/** The ends of processes of a step that nobody wanted, and when the next one may be started. */
export class Restarts {
  /** Follows "its process"; `undefined`: none has ended since one was ready. */
  reason: string | undefined
  /** Whether the last one had been ready, so that the next start is likely to work. */
  wasUp = false
  /** In a row. */
  count = 0
  /** On the clock of `performance.now()`. */
  notBefore = 0
  #delayMs: number | undefined

  /** Answers the delay before the next start, in milliseconds. */
  ended({ reason, upMs = 0 }: Ending, wasUp: boolean, now: number): number {
    this.#delayMs = restartDelay(this.#delayMs, upMs, stepRestarts)
    this.count = wasStable(upMs) ? 1 : this.count + 1
    this.reason = reason
    this.wasUp = wasUp
    this.notBefore = now + this.#delayMs
    return this.#delayMs
  }

  /** A process is ready. How long it lasts is told by its end. */
  ready(): void {
    this.reason = undefined
  }
}
