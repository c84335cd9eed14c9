const firstMs = 100
const maxMs = 10_000
/** A process that was up for this long is trusted again. */
const stableMs = 10_000

/**
 * Milliseconds until a process that ended is started again, after the delay before it (`undefined`: this is the first)
 * and the time that it was ready in between: doubling, and from the beginning once it was up for long enough.
 */
export function restartDelay(previousMs: number | undefined, upMs: number): number {
  if (previousMs === undefined || upMs >= stableMs) return firstMs
  return Math.min(previousMs * 2, maxMs)
}
