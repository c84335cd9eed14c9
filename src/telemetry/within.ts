/** Whether the promise resolved within the time, and before the signal. */
export async function within(ms: number, promise: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted === true) return false
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const over = (): void => resolve(false)
  const timer = setTimeout(over, ms)
  signal?.addEventListener('abort', over)
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', over)
  }
}
