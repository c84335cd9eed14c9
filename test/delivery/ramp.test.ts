import { describe, expect, it } from 'vitest'
import { Ramp } from '../../src/delivery/ramp.ts'

/** How many of a crowd are let in at once. */
function admitted(ramp: Ramp, now: number): number {
  let count = 0
  while (count < 200 && ramp.enter(now)) count++
  return count
}

function end(ramp: Ramp, count: number, wentWell: boolean): void {
  for (let i = 0; i < count; i++) ramp.leave(wentWell)
}

describe('a ramp', () => {
  it('lets in a few, then one more with each that ends well, until there are many', () => {
    const ramp = new Ramp(10_000, 0)
    const rounds = []
    while (!ramp.isOver(0)) {
      const count = admitted(ramp, 0)
      rounds.push(count)
      end(ramp, count, true)
    }
    expect(rounds).toEqual([4, 8, 16, 32])
  })

  it('does not grow with what fails', () => {
    const ramp = new Ramp(10_000, 0)
    for (let round = 0; round < 50; round++) {
      expect(admitted(ramp, 0)).toBe(4)
      end(ramp, 4, false)
    }
  })

  it('grows with the time as well: calls that take long do not hold it up', () => {
    const ramp = new Ramp(10_000, 5_000)
    expect([5_000, 7_500, 10_000].map(now => admitted(ramp, now))).toEqual([4, 16, 16])
    expect([14_000, 15_000].map(now => ramp.isOver(now))).toEqual([false, true])
  })
})
