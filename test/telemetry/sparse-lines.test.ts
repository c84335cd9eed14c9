import { expect, it } from 'vitest'
import { createSparseLines } from '../../src/telemetry/sparse-lines.ts'

it('has one line of a kind in ten seconds written, which says how many were left out before it', () => {
  let now = 0
  const lines = createSparseLines(() => now)
  const written = (kind: string, times: number) => Array.from({ length: times }, () => lines(kind)).filter(Boolean)
  expect(written('a', 1000)).toEqual([{}])
  now = 9_999
  expect([written('a', 1), written('b', 2)]).toEqual([[], [{}]])
  now = 10_000
  expect([written('a', 3), written('b', 1)]).toEqual([[{ before: 1000 }], []])
  now = 20_000
  expect(written('a', 1)).toEqual([{ before: 2 }])
})
