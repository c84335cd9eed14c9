import { expect, it } from 'vitest'
import { GrowingDelay } from '../src/growing-delay.ts'

const bounds = { firstMs: 50, maxMs: 2_000 }

it('a delay grows to a bound, is never quite the same, and begins anew', () => {
  const delay = new GrowingDelay(bounds, () => 0)
  const all = Array.from({ length: 8 }, () => delay.next())
  expect(all).toEqual([25, 50, 100, 200, 400, 800, 1_000, 1_000])
  delay.reset()
  expect(delay.next()).toBe(25)
  expect(new GrowingDelay(bounds, () => 1).next()).toBe(50)
})
