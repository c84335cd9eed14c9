import type { EndSignal } from '../event/end-signal.ts'
import { waitFor } from './wait.ts'

const firstDelayMs = 25
const longestDelayMs = 1_000

/** Tries to connect until it is so, or `ms` are over; false: the signal ended it. */
export async function untilConnected(
  connects: () => Promise<boolean>,
  ms: number,
  signal: EndSignal
): Promise<boolean> {
  const until = performance.now() + ms
  for (let delayMs = firstDelayMs; !signal.aborted; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    if (await connects()) return !signal.aborted
    const leftMs = until - performance.now()
    if (leftMs <= 0) return !signal.aborted
    await waitFor(Math.min(delayMs, leftMs), signal)
  }
  return false
}
