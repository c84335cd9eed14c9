import { expect, it } from 'vitest'
import { serverTiming } from '../../src/ingress/server-timing.ts'

it('is the time in each step, and in the gateway that which is in none', () => {
  const visits = [
    { step: 'a', path: 'fan/left/a', durationMs: 30 },
    { step: 'b', path: 'fan/right/b', durationMs: 35 },
    { step: 'fan', path: 'fan', durationMs: 40 },
    { step: 'last', durationMs: 5.125, hit: true as const }
  ]
  expect(serverTiming(visits, 50)).toBe(
    'a;dur=30, b;dur=35, fan;dur=40, last;dur=5.13;desc="cache hit", gateway;dur=4.88'
  )
})
