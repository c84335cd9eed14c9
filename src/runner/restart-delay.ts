const stableMs = 10_000

/** Whether a process that was up for so long is trusted again: its end is none in a row with those before it. */
export const wasStable = (upMs: number): boolean => upMs >= stableMs

export interface RestartBounds {
  readonly firstMs: number
  readonly maxMs: number
}

/** Of the processes of steps. */
export const stepRestarts: RestartBounds = { firstMs: 500, maxMs: 30_000 }

/** Of workers. */
export const workerRestarts: RestartBounds = { firstMs: 100, maxMs: 10_000 }

/**
 * Milliseconds until a process that ended is started again, after the delay before it (`undefined`: this is the first)
 * and the time that it was ready in between: doubling, and from the beginning once it was up for long enough.
 */
export function restartDelay(previousMs: number | undefined, upMs: number, { firstMs, maxMs }: RestartBounds): number {
  if (previousMs === undefined || wasStable(upMs)) return firstMs
  return Math.min(previousMs * 2, maxMs)
}
