import { expect, it } from 'vitest'
import { createBreakers } from '../../src/delivery/breakers.ts'
import { RecentlyUsed } from '../../src/delivery/recently-used.ts'
import type { BreakerSettings } from '../../src/pipeline/delivery.ts'
import { silentLog } from '../helpers/silent-log.ts'

it('names first what was unused for longest', () => {
  const values = new RecentlyUsed<number>()
  for (const [i, key] of ['a', 'b', 'c'].entries()) values.set(key, i)
  expect(values.get('a')).toBe(0)
  expect(values.longestUnusedFirst()).toEqual([
    ['b', 1],
    ['c', 2],
    ['a', 0]
  ])
  values.delete('b')
  expect(values.get('b')).toBeUndefined()
  expect([...values.values()]).toEqual([0, 2])
  expect(values.size).toBe(2)
})

it('keeps the breakers that are used when there are too many', () => {
  const settings: BreakerSettings = {
    enabled: true,
    errorThresholdPercentage: 50,
    rollingCountTimeoutMs: 10_000,
    resetTimeoutMs: 30_000,
    volumeThreshold: 10
  }
  using breakers = createBreakers(silentLog)
  const used = breakers.of('http://used', settings)
  const first = used()
  for (let i = 0; i < 2000; i++) {
    breakers.of(`http://origin-${i}`, settings)()
    expect(used()).toBe(first)
  }
  expect([...breakers.list()]).toHaveLength(1024)
})
