import { expect, it } from 'vitest'
import { expiryOf } from '../../src/event/expiry-time.ts'
import { anEvent } from '../helpers/events.ts'

const expiry = (expirytime: string | number | boolean) => expiryOf(anEvent({ extensions: { expirytime } }))
const noon = Date.UTC(2026, 0, 2, 12)

it.each([
  ['2026-01-02T12:00:00Z', noon],
  ['2026-01-02t12:00:00z', noon],
  ['2026-01-02T14:00:00+02:00', noon],
  ['2026-01-02T12:00:00.123456789Z', noon + 123],
  ['2026-12-31T23:59:60Z', Date.UTC(2026, 11, 31, 23, 59, 59, 999)],
  ['2026-12-31T23:59:60.5Z', Date.UTC(2026, 11, 31, 23, 59, 59, 999)]
])('reads %s', (text, ms) => {
  expect(expiry(text)).toBe(ms)
})

it.each(['', 'tomorrow', '2026-01-02', '2026-02-30T12:00:00Z', 'Fri, 02 Jan 2026 12:00:00 GMT', 0, true])(
  'does not heed %j',
  value => {
    expect(expiry(value)).toBe(Infinity)
  }
)

it('is never over for an event that does not say so', () => {
  expect(expiryOf(anEvent())).toBe(Infinity)
})
