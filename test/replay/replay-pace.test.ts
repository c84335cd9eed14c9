import { expect, it } from 'vitest'
import { createPace } from '../../src/replay/replay-pace.ts'

/** A clock that only waiting moves. */
function aClock() {
  const clock = {
    ms: 0,
    now: () => clock.ms,
    wait: (ms: number) => {
      clock.ms += ms
      return Promise.resolve(true)
    }
  }
  return clock
}

const signal = new AbortController().signal

it('gives turns at an even pace', async () => {
  const clock = aClock()
  const pace = createPace(50, clock.now, clock.wait)
  const turns: number[] = []
  for (let i = 0; i < 4; i++) {
    await pace(signal)
    turns.push(clock.ms)
  }
  expect(turns).toEqual([0, 20, 40, 60])
})

it('does not make up for a pause with a burst', async () => {
  const clock = aClock()
  const pace = createPace(50, clock.now, clock.wait)
  await pace(signal)
  clock.ms = 60_000
  for (let i = 0; i < 106; i++) await pace(signal)
  // 5 turns of the last 100 ms at once, then 100 turns at the pace.
  expect(clock.ms).toBe(62_000)
})

it('ends with the signal', async () => {
  const pace = createPace(1)
  expect(await pace(signal)).toBe(true)
  expect(await pace(AbortSignal.abort())).toBe(false)
})
