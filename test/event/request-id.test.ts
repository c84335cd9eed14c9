import { expect, it } from 'vitest'
import { createRequestId } from '../../src/event/request-id.ts'

it('is a UUIDv7', () => {
  expect(createRequestId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

it('begins with the milliseconds since 1970, so that ids sort by time', () => {
  expect(createRequestId(0x0192f0c47b0e).slice(0, 13)).toBe('0192f0c4-7b0e')
  expect(createRequestId(5).slice(0, 13)).toBe('00000000-0005')
  expect(createRequestId(1000) < createRequestId(1001)).toBe(true)
})

it('is never the same twice', () => {
  expect(new Set(Array.from({ length: 1000 }, () => createRequestId(1))).size).toBe(1000)
})
