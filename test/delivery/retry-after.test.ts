import { expect, it } from 'vitest'
import { parseRetryAfter } from '../../src/delivery/retry-after.ts'

const now = Date.parse('2026-11-21T10:00:00Z')

it.each([
  ['0', 0],
  ['5', 5000],
  ['Sat, 21 Nov 2026 10:00:10 GMT', 10_000],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
  [undefined, undefined],
  ['', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['99999999999999999999', undefined]
])('reads Retry-After %j as %j ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected)
})
