import { describe, expect, it } from 'vitest'
import { backoffOf } from '../../src/delivery/backoff.ts'
import { aDelivery } from '../helpers/plans.ts'

describe('backoff', () => {
  it.each([
    ['exponential', 100, 30_000, [100, 200, 400, 800]],
    ['exponential', 100, 250, [100, 200, 250, 250]],
    ['linear', 100, 30_000, [100, 200, 300, 400]],
    ['linear', 100, 250, [100, 200, 250, 250]]
  ] as const)('%s from %i ms, at most %i ms', (backoffPolicy, backoffDelayMs, backoffMaxMs, expected) => {
    const backoff = backoffOf(aDelivery({ backoffPolicy, backoffDelayMs, backoffMaxMs }))
    expect([0, 1, 2, 3].map(backoff)).toEqual(expected)
  })

  it('stays at its cap however often it is asked', () => {
    expect(backoffOf(aDelivery({ backoffDelayMs: 100, backoffMaxMs: 500 }))(5000)).toBe(500)
  })
})
