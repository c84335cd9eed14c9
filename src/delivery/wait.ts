import type { EndSignal } from '../event/end-signal.ts'

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
    const timer = setTimeout(() => end(true), ms)
    signal.addEventListener('abort', stop)
  })
}
