import { expect, it } from 'vitest'
import { anEvent } from './events.ts'

it('is valid without a word, and has what the test says', () => {
  expect([...anEvent().attributes.keys()].sort()).toEqual(['datacontenttype', 'id', 'source', 'specversion', 'type'])
  const event = anEvent({ id: 'a', extensions: { sequence: 7 }, data: { n: 1 } })
  expect(event.attributes.get('id')).toBe('a')
  expect(event.attributes.get('sequence')).toBe(7)
  expect(Buffer.from(event.data ?? []).toString()).toBe('{"n":1}')
})

it('leaves out what is undefined', () => {
  expect(anEvent({ source: undefined }).attributes.has('source')).toBe(false)
  const bare = anEvent({ data: undefined })
  expect(bare.data).toBeUndefined()
  expect(bare.attributes.has('datacontenttype')).toBe(false)
})

it('takes strings and bytes as they are', () => {
  expect(anEvent({ data: 'a"b' }).data).toEqual(new TextEncoder().encode('a"b'))
  expect(anEvent({ data: Uint8Array.of(0, 255) }).data).toEqual(Uint8Array.of(0, 255))
})
