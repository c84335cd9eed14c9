import type { EndSignal } from '../event/end-signal.ts'

/** The longest time that a timer takes. */
const longestMs = 2 ** 31 - 1

/** A timer that is set for longer than it can be goes off at once. */
export const timerMs = (ms: number): number => Math.min(longestMs, Math.max(0, ms))

/** Waits; false when the signal ended the wait early. */
export function waitFor(ms: number, signal: EndSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise(resolve => {
    const end = (waited: boolean): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(waited)
    }
    const stop = (): void => end(false)
    const timer = setTimeout(() => end(true), timerMs(ms))
    signal.addEventListener('abort', stop)
  })
}
