import { describe, expect, it } from 'vitest'
import { aborted, begun, judged, promoted, restarted } from '../../src/control/rollout/rollout-state.ts'
import { countAttempt, noAttempts, type AttemptCount } from '../../src/flow/traffic/attempt-counts.ts'
import type { Rollout } from '../../src/pipeline/node.ts'

const rollout: Rollout = {
  tag: 'canary',
  of: 'x',
  steps: [5, 50, 100],
  everyMs: 1000,
  minCalls: 10,
  failurePercent: 10,
  p95Ms: 500
}

const countOf = (calls: number, failed = 0, ms = 1): AttemptCount => {
  let count = noAttempts
  for (let i = 0; i < calls; i++) count = countAttempt(count, i < failed, ms)
  return count
}

const first = begun(rollout, 0, 'a')
const at = (now: number, tag: AttemptCount, others = noAttempts, state = first) =>
  judged(state, rollout, { tag, others }, now, 'b')

describe('a rollout', () => {
  it('begins with its first share', () => {
    expect(first).toMatchObject({ phase: 'Progressing', place: 0, percent: 5, id: 'a', of: 'x' })
  })

  it('takes the next share after `every` and `minCalls`, and not before both', () => {
    expect(at(1000, countOf(9))).toBeUndefined()
    expect(at(999, countOf(10))).toBeUndefined()
    expect(at(1000, countOf(10))).toMatchObject({ percent: 50, place: 1, at: 1000, id: 'b' })
  })

  it('is complete when its last share was held well', () => {
    const last = promoted(promoted(first, rollout, 'x', 1, 'c'), rollout, 'x', 2, 'd')
    expect(last).toMatchObject({ percent: 100, phase: 'Progressing' })
    const done = at(1002, countOf(10), noAttempts, last)
    expect(done).toMatchObject({ percent: 100, phase: 'Completed' })
    expect(done && judged(done, rollout, { tag: countOf(99, 99), others: noAttempts }, 9999, 'z')).toBeUndefined()
  })

  it.each([
    ['fails more than it may', countOf(10, 2), noAttempts, true],
    ['had too few calls to be judged', countOf(9, 9), noAttempts, false],
    ['fails as much as it may', countOf(10, 1), noAttempts, false],
    ['fails more than the others too', countOf(10, 2), countOf(100, 15), true],
    ['fails no more than the others', countOf(10, 2), countOf(100, 25), false],
    ['fails less than others of which too little is known', countOf(10, 2), countOf(9, 9), true],
    ['is too slow', countOf(10, 0, 900), noAttempts, true],
    ['is as slow as the others', countOf(10, 0, 900), countOf(10, 0, 900), false]
  ])('is aborted at once where the entry %s', (_name, tag, others, isAborted) => {
    const next = at(1, tag, others)
    expect(next?.phase).toBe(isAborted ? 'Aborted' : undefined)
    if (isAborted) expect(next).toMatchObject({ percent: 0, id: 'b' })
  })

  it('tells why, and keeps its history', () => {
    const next = at(1, countOf(10, 2), countOf(100, 15))
    expect(next?.history).toEqual([
      { at: 0, percent: 5, why: 'it begins' },
      { at: 1, percent: 0, why: '20 percent of 10 calls of "canary" failed, 15 of the others; 10 may' }
    ])
  })

  it('can be aborted, begun anew and promoted by hand', () => {
    const off = aborted(first, 'by hand', 5, 'c')
    expect(off).toMatchObject({ phase: 'Aborted', percent: 0 })
    expect(restarted(off, rollout, 'by hand', 6, 'd')).toMatchObject({ phase: 'Progressing', percent: 5, at: 6 })
    expect(promoted(off, rollout, 'by hand', 6, 'd')).toMatchObject({ phase: 'Progressing', percent: 5 })
  })
})
