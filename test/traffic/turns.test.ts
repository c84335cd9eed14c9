import { describe, expect, it } from 'vitest'
import { addCounts, AttemptCounts, noAttempts, p95, countAttempt } from '../../src/flow/traffic/attempt-counts.ts'
import { LocalTurns, type EntryShare } from '../../src/flow/traffic/turns.ts'

const sharesOf = (percents: readonly number[]): EntryShare[] =>
  percents.map((percent, i) => ({ name: `e${i}`, percent }))

describe('turns', () => {
  const splits = [[10, 90], [33, 33, 34], [1, 99], [100], [0, 100], [50, 25, 25], [7, 13, 80], [0, 0, 100]]

  it.each(splits)('give each entry its percent of any hundred calls in a row: %s', (...percents) => {
    const turns = new LocalTurns()
    const entries = sharesOf(percents.filter(percent => percent !== undefined))
    const taken = Array.from({ length: 1000 }, () => turns.next('default/test a', entries))
    for (let from = 0; from + 100 <= taken.length; from += 37) {
      const hundred = taken.slice(from, from + 100)
      for (const { name, percent } of entries) expect(hundred.filter(one => one === name)).toHaveLength(percent)
    }
  })

  it('spread the calls of an entry evenly', () => {
    const turns = new LocalTurns()
    const taken = Array.from({ length: 100 }, () => turns.next('default/test a', sharesOf([10, 90])))
    const places = taken.flatMap((name, i) => (name === 'e0' ? [i] : []))
    for (const [i, place] of places.entries()) expect(Math.floor(place / 10)).toBe(i)
  })

  it('are those of one step each, and begin anew with other shares', () => {
    const turns = new LocalTurns()
    for (const step of ['p a', 'p b']) {
      const taken = Array.from({ length: 2 }, () => turns.next(step, sharesOf([50, 50])))
      expect(taken.toSorted()).toEqual(['e0', 'e1'])
    }
    expect(turns.next('p a', sharesOf([100, 0]))).toBe('e0')
  })
})

describe('attempts', () => {
  it('are counted by step and entry, until somebody takes them', () => {
    const counts = new AttemptCounts()
    counts.tell('p a', 'canary', false, 10)
    counts.tell('p a', 'canary', true, 20)
    const taken = counts.take()
    expect(taken.get('p a')?.get('canary')).toMatchObject({ calls: 2, failed: 1 })
    expect(counts.take().size).toBe(0)
    counts.add(taken)
    counts.add(taken)
    expect(counts.of('p a').get('canary')).toMatchObject({ calls: 4, failed: 2 })
  })

  it('tell what 95 of 100 took, to a tenth', () => {
    let count = noAttempts
    for (let ms = 1; ms <= 100; ms++) count = countAttempt(count, false, ms)
    expect(p95(count)).toBeGreaterThanOrEqual(95)
    expect(p95(count)).toBeLessThan(95 * 1.1)
    expect(p95(addCounts(count, count))).toBe(p95(count))
    expect(p95(noAttempts)).toBe(0)
  })
})
