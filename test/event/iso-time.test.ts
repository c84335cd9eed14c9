import { expect, it } from 'vitest'
import { isoTime } from '../../src/event/iso-time.ts'

it('writes what Date writes, in any order of times', () => {
  const times = [
    0, 1, 999, 1000, 1_700_000_000_000, 999, -1, -1000, -1001, 1_700_000_000_000.9, 253_402_300_799_999,
    1_700_000_000_007, 253_402_300_800_000, 8_640_000_000_000_000, 1_700_000_000_123
  ]
  for (const ms of times) expect(isoTime(ms)).toBe(new Date(ms).toISOString())
})
