import { expect, it } from 'vitest'
import { createRequestId } from '../../src/event/request-id.ts'

it('is a UUIDv7', () => {
  expect(createRequestId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

it('begins with the milliseconds since 1970', () => {
  expect(createRequestId(0x0192f0c47b0e).slice(0, 13)).toBe('0192f0c4-7b0e')
  expect(createRequestId(5).slice(0, 13)).toBe('00000000-0005')
})

it('is greater than the one before, also within a millisecond and while the clock goes back a little', () => {
  const times = [1000, 1001, 1001, 1001, 990, 1002, ...Array.from({ length: 10_000 }, () => 1002), 1003, 1010]
  const ids = times.map(createRequestId)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})

it('follows a clock that was set', () => {
  createRequestId(Date.now() + 3_600_000)
  expect(createRequestId(1_000_000).slice(0, 13)).toBe('0000000f-4240')
  expect(createRequestId(1_000_000) < createRequestId()).toBe(true)
})
