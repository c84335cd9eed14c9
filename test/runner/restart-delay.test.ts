import { expect, it } from 'vitest'
import { restartDelay, stepRestarts, workerRestarts } from '../../src/runner/restart-delay.ts'

it('doubles from 0.5 s to 30 s for the processes of steps', () => {
  const delays: number[] = []
  for (let n = 0; n < 8; n++) delays.push(restartDelay(delays.at(-1), 0, stepRestarts))
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

it('doubles from 100 ms to 10 s for workers', () => {
  const delays: number[] = []
  for (let n = 0; n < 10; n++) delays.push(restartDelay(delays.at(-1), 0, workerRestarts))
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
})

it('begins anew after a process that was up for 10 s', () => {
  expect(restartDelay(6400, 10_000, workerRestarts)).toBe(100)
  expect(restartDelay(6400, 9_999, workerRestarts)).toBe(10_000)
})
