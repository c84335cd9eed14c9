import { expect, it } from 'vitest'
import { killWhileEntriesPass } from './entry-kills.ts'

it('loses no entry of a stream when the gateway is killed four times, and repeats no more than was in flight', async () => {
  const { lost, repeats, inFlight, pending } = await killWhileEntriesPass({ entries: 800, kills: 4 })
  expect([lost, pending]).toEqual([0, 0])
  expect(repeats).toBeLessThanOrEqual(inFlight)
}, 180_000)
