/**
 * Milliseconds of processor time that this thread spent on the action: the measure of work for which nobody else on the
 * machine counts.
 */
export function processorMs(action: () => void): number {
  const before = process.threadCpuUsage()
  action()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

/** The longest turn of this thread's event loop so far, in milliseconds of its processor time. */
export interface TurnWatch extends Disposable {
  readonly longestMs: number
}

/** Looks once in each turn; it keeps the loop turning until it is disposed. */
export function watchTurns(): TurnWatch {
  let before = process.threadCpuUsage()
  let longestMs = 0
  let next = setImmediate(look)
  function look(): void {
    const { user, system } = process.threadCpuUsage(before)
    longestMs = Math.max(longestMs, (user + system) / 1000)
    before = process.threadCpuUsage()
    next = setImmediate(look)
  }
  return {
    get longestMs() {
      return longestMs
    },
    [Symbol.dispose]: () => clearImmediate(next)
  }
}
