import { expect, it } from 'vitest'
import { restartDelay } from '../../src/runner/restart-delay.ts'

it('doubles from 100 ms to 10 s', () => {
  const delays: number[] = []
  for (let n = 0; n < 10; n++) delays.push(restartDelay(delays.at(-1), 0))
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
})

it('begins anew after a process that was up for 10 s', () => {
  expect(restartDelay(6400, 10_000)).toBe(100)
  expect(restartDelay(6400, 9_999)).toBe(10_000)
})
