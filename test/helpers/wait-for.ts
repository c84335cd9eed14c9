import { setTimeout as delay } from 'node:timers/promises'

/** Between two looks at first, and at most; in between, a tenth of the time that has passed. */
const intervalMs = { least: 5, most: 50 }

/** Long enough for a machine that is busy with other things; tests that start many processes set it higher. */
export const patienceMs = Number(process.env['SLUICE_TEST_PATIENCE_MS'] ?? 30_000)

export interface WaitOptions {
  /** The awaited thing, for the error: "the third request". */
  readonly what: string
  /** `patienceMs` unless given. */
  readonly timeoutMs?: number
}

type Truthy<T> = Exclude<T, false | undefined | null | 0 | ''>

/**
 * Polls until the condition gives something truthy, and gives that back. A condition that throws is not met
 * yet; what it threw last is the cause of the final error.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = patienceMs }: WaitOptions
): Promise<Truthy<Awaited<T>>> {
  const startedAt = performance.now()
  for (;;) {
    let cause: unknown
    try {
      const value = await condition()
      if (isTruthy(value)) return value
    } catch (error) {
      cause = error
    }
    const passed = performance.now() - startedAt
    if (passed >= timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause })
    await delay(Math.min(Math.max(passed / 10, intervalMs.least), intervalMs.most))
  }
}

function isTruthy<T>(value: T): value is Truthy<T> {
  return Boolean(value)
}
