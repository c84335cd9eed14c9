import { setTimeout as delay } from 'node:timers/promises'

const intervalMs = 5

export interface WaitOptions {
  /** What is awaited, for the error: "the third request". */
  readonly what: string
  readonly timeoutMs?: number
}

type Truthy<T> = Exclude<T, false | undefined | null | 0 | ''>

/**
 * Polls until the condition gives something truthy, and gives that back. A condition that throws is not met
 * yet; what it threw last is the cause of the final error.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 10_000 }: WaitOptions
): Promise<Truthy<Awaited<T>>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let cause: unknown
    try {
      const value = await condition()
      if (isTruthy(value)) return value
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause })
    await delay(intervalMs)
  }
}

function isTruthy<T>(value: T): value is Truthy<T> {
  return Boolean(value)
}
