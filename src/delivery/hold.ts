import type { Call } from './deliver.ts'
import { timerMs } from './wait.ts'

/** A call that nobody waits for is held no longer than a start may take, in milliseconds; then it is tried again later. */
export const startMs = 60_000

/** The end of a hold without what it was for: nobody waits any more, or the deadline of the request is over. */
export type HeldInVain = 'ended' | 'late'

/**
 * Holds a call until `wait` settles, which may be at once; `wait` answers how to leave. The time counts against the deadline
 * of the request, and is seen in the call.
 */
export function hold<T>(
  { signal, deadline, attempts }: Pick<Call, 'signal' | 'deadline' | 'attempts'>,
  wait: (settle: (entered: T) => void) => () => void
): Promise<T | HeldInVain> {
  if (signal.aborted) return Promise.resolve('ended')
  return new Promise(resolve => {
    let timer: NodeJS.Timeout | undefined
    let settled = false
    const settle = (entered: T | HeldInVain): void => {
      settled = true
      attempts.heldSince = undefined
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve(entered)
    }
    const giveUp = (why: HeldInVain): void => {
      leave()
      settle(why)
    }
    const end = (): void => giveUp('ended')
    // It may settle at once.
    const leave = wait(settle)
    if (settled) return
    attempts.heldSince = Date.now()
    signal.addEventListener('abort', end)
    if (deadline !== Infinity) timer = setTimeout(giveUp, timerMs(deadline - performance.now()), 'late')
  })
}
