import { expect, it } from 'vitest'
import { encodeCall } from '../../src/delivery/encode-call.ts'
import { anEvent } from '../helpers/events.ts'

const modeOf = (subject: string, ...beside: readonly (readonly string[])[]): string => {
  const { headers } = encodeCall(anEvent({ subject, data: '{}' }), 'binary', beside)
  return headers.includes('ce-id') ? 'binary' : 'structured'
}

it('an event whose headers would be more than 8 KiB goes structured, whole and with the headers beside it', () => {
  const subject = 's'.repeat(9000)
  const { headers, body } = encodeCall(anEvent({ subject, data: '{"a":1}' }), 'binary', [
    ['x-own', 'a'],
    ['x-more', 'b']
  ])
  expect(headers.slice(0, 2)).toEqual(['content-type', 'application/cloudevents+json; charset=utf-8'])
  expect(headers.slice(2)).toEqual(['x-own', 'a', 'x-more', 'b'])
  expect(JSON.parse(Buffer.from(body ?? '').toString())).toMatchObject({ subject, data: { a: 1 } })
})

it.each([
  ['s', [], 'binary'],
  ['s'.repeat(7000), [], 'binary'],
  ['é'.repeat(1500), [], 'structured'],
  ['s'.repeat(7000), ['x-own', 'a'.repeat(2000)], 'structured']
])('all headers count, as they are written', (subject, beside, mode) => {
  expect(modeOf(subject, beside)).toBe(mode)
})
