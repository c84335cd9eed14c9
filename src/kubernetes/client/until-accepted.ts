import { isFailure } from './api-failure.ts'
import { PauseBetween } from './pause-between.ts'

/**
 * Calls again for as long as the API server has too much to do, which it says before it does anything, until the signal.
 * Throws what the call throws.
 */
export async function untilAccepted<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const pause = new PauseBetween()
  for (;;) {
    try {
      return await call()
    } catch (thrown) {
      if (!isFailure(thrown, 429)) throw thrown
      await pause.waitAfter(thrown, signal)
      // It says more than that the time is over.
      if (signal.aborted) throw thrown
    }
  }
}
