import { describe, expect, it } from 'vitest'
import { allot, type Demand } from '../../src/runner/scaling/allot.ts'
import { PeakWindow } from '../../src/runner/scaling/peak-window.ts'
import { instancesFor } from '../../src/runner/scaling/wanted-instances.ts'

const demand = (need: number, floor = 0, keep = need): Demand => ({ need, floor, keep })

describe('processes for a load', () => {
  it('are none for none, one for the first call, and one more for each target of calls, up to the largest number', () => {
    const numbers = [0, 1, 8, 9, 16, 17, 1000].map(calls => instancesFor(calls, { target: 8 }, { min: 0, max: 3 }))
    expect(numbers).toEqual([0, 1, 1, 2, 2, 3, 3])
  })
})

describe('the peak of the last while', () => {
  it('is forgotten when it is older than that', () => {
    const window = new PeakWindow()
    for (const [value, at] of [
      [3, 0],
      [5, 10],
      [2, 20],
      [1, 30]
    ] as const)
      window.note(value, at)
    expect([30, 110, 111, 121, 131].map(now => window.peak(now, 100))).toEqual([5, 5, 2, 1, 0])
  })
})

describe('processes of all steps together', () => {
  it('are as many as each wants while there is room', () => {
    expect(allot([demand(2), demand(0, 3), demand(0, 0, 4), demand(0)], 64)).toEqual([2, 3, 4, 0])
  })

  it('go to calls before those that may be needed soon, and one to each step with calls before a second', () => {
    expect(allot([demand(5), demand(0, 0, 5), demand(1)], 4)).toEqual([3, 0, 1])
    expect(allot([demand(0, 0, 1), demand(1)], 1)).toEqual([0, 1])
    expect(allot([demand(3), demand(3)], 4)).toEqual([2, 2])
  })

  it('are never more than all may have together', () => {
    for (let most = 1; most < 12; most++) {
      const given = allot([demand(5, 2), demand(0, 4), demand(2, 0, 6)], most)
      expect(given.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(most)
    }
  })
})
