import { expect, it } from 'vitest'
import { runBlackout } from './blackout.ts'

// A minute in short: the breaker has a tenth of the times that it has when it is told nothing. Other work on the machine
// can hide the recovery, which is met by another try.
const noisy = { timeout: 60_000, retry: 1 }
it('a step that fails totally is spared, loses no work, and is back in no time', noisy, async () => {
  const figures = await runBlackout({
    beforeMs: 2_000,
    blackoutMs: 4_000,
    afterMs: 4_000,
    rollingCountTimeout: '1s',
    resetTimeout: '1s'
  })
  expect(figures.attemptsPerRequest).toBeLessThan(1.3)
  expect(figures.deadLetteredWhileOpen).toBe(0)
  expect(figures.replied + figures.deadLetteredBefore).toBe(figures.accepted)
  // A breaker's time, the way from one in flight to all, and a second for a slow machine.
  expect(figures.recoveryMs).toBeLessThan(3_000)
})
