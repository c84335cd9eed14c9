import { waitFor } from '../delivery/wait.ts'

/** Waits for the next turn; false: the signal ended the wait. */
export type Pace = (signal: AbortSignal) => Promise<boolean>

/** How far behind it may be before turns are lost, in milliseconds: timers are late, pauses are not made up for. */
const catchUpMs = 100

/** Turns at an even pace, `rate` in a second. */
export function createPace(rate: number, now: () => number = () => performance.now(), wait = waitFor): Pace {
  const intervalMs = 1000 / rate
  let due = now()
  return async signal => {
    const at = now()
    due = Math.max(due, at - catchUpMs)
    const waited = due - at < 1 ? !signal.aborted : await wait(due - at, signal)
    due += intervalMs
    return waited
  }
}
