import { expect, it } from 'vitest'
import { readPreference } from '../../src/ingress/preference.ts'

it.each([
  ['respond-async, wait=10', true, 10_000],
  ['respond-async,wait=10', true, 10_000],
  ['wait=10, respond-async', true, 10_000],
  ['Respond-Async ; x=1,  Wait = "10"', true, 10_000],
  ['respond-async, wait=0', true, 0],
  ['respond-async, wait=99999999999999999999', true, 600_000],
  ['respond-async, wait=10, wait=20', true, 10_000],
  ['respond-async, wait=-1', true, undefined],
  ['wait=10', false, 10_000],
  ['handling=lenient', false, undefined]
])('reads what is preferred, however it is written: %s', (prefer, respondAsync, waitMs) => {
  expect(readPreference(prefer)).toEqual({ respondAsync, waitMs })
})
