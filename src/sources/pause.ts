/** The longest time that a timer takes. */
const longestMs = 2 ** 31 - 1

/** Waits; false when the signal ended the wait. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise(resolve => {
    const end = (waited: boolean): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(waited)
    }
    const stop = (): void => end(false)
    const timer = setTimeout(() => end(true), Math.min(ms, longestMs))
    signal.addEventListener('abort', stop)
  })
}
