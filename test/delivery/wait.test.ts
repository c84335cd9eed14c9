import { expect, it } from 'vitest'
import { waitFor } from '../../src/delivery/wait.ts'

it('waits as long as it is told', async () => {
  const began = performance.now()
  expect(await waitFor(20, new AbortController().signal)).toBe(true)
  // Timers can be early by a fraction of a millisecond.
  expect(performance.now() - began).toBeGreaterThan(18)
})

it('ends when the signal does, and leaves no listener behind', async () => {
  const listeners = new Set<() => void>()
  const signal = {
    aborted: false,
    addEventListener: (_type: 'abort', listener: () => void) => void listeners.add(listener),
    removeEventListener: (_type: 'abort', listener: () => void) => void listeners.delete(listener)
  }
  const waiting = waitFor(60_000, signal)
  for (const listener of listeners) listener()
  expect(await waiting).toBe(false)
  expect(listeners.size).toBe(0)
  expect(await waitFor(1, signal)).toBe(true)
  expect(listeners.size).toBe(0)
})

it('does not begin when the signal has ended', async () => {
  expect(await waitFor(60_000, AbortSignal.abort())).toBe(false)
})
