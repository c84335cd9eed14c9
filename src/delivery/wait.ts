import { setTimeout as delay } from 'node:timers/promises'

/** Waits; false when the signal ended the wait early. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  try {
    await delay(ms, undefined, { signal })
    return true
  } catch {
    return false
  }
}
