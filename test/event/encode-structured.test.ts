import { expect, it } from 'vitest'
import { maxJsonDepth } from '../../src/event/json-depth.ts'
import { encodeStructured } from '../../src/event/encode-structured.ts'
import type { AttributeValue } from '../../src/event/event.ts'
import { anEvent } from '../helpers/events.ts'
import { comparable, travel } from './decode-event.ts'

/** The body up to the end, after the required attributes. */
function membersAfter(contentType: string | undefined, data: string | Uint8Array): string {
  const event = anEvent({ datacontenttype: contentType, data })
  const message = encodeStructured(event)
  expect(comparable(travel(message))).toEqual(comparable(event))
  return (
    Buffer.from(message.body ?? [])
      .toString()
      .split('"dev.sluice.test"')[1] ?? ''
  )
}

it('names its media type and charset', () => {
  expect(encodeStructured(anEvent()).headers).toEqual(['content-type', 'application/cloudevents+json; charset=utf-8'])
})

it('has the attributes in their order and with their types, and no data member without data', () => {
  const required = Object.entries({ specversion: '1.0', id: 'event-1', source: '/test', type: 'dev.sluice.test' })
  const attributes = new Map<string, AttributeValue>([...required, ['flag', true], ['7', 'a"b'], ['count', 5]])
  expect(encodeStructured({ attributes, data: undefined }).body?.toString()).toBe(
    '{"specversion":"1.0","id":"event-1","source":"/test","type":"dev.sluice.test","flag":true,"7":"a\\"b","count":5}'
  )
})

it.each(['{ "a" : 9223372036854775808 }', '1e400', '"\\ud800"', 'null', '[ ]'])('has the JSON %s as it is', json => {
  expect(membersAfter('application/x+json', json)).toBe(`,"datacontenttype":"application/x+json","data":${json}}`)
})

it.each([
  ['a line', 'a line'],
  ['é"\\\n\u2028', 'é\\"\\\\\\n\u2028'],
  ['\ufeffmarked', '\ufeffmarked'],
  ['', '']
])('has the text %j as a string', (text, string) => {
  expect(membersAfter('Text/Plain', text)).toBe(`,"datacontenttype":"Text/Plain","data":"${string}"}`)
})

it.each<[string, string | undefined, string | Uint8Array]>([
  ['data without a media type', undefined, '{"a":1}'],
  ['octets', 'image/png', Uint8Array.of(0, 255)],
  ['text that is not UTF-8', 'text/plain', Uint8Array.of(0x61, 0xff)],
  ['JSON that is none', 'application/json', '{"a":'],
  ['JSON that is not UTF-8', 'application/json', Uint8Array.of(0x22, 0xff, 0x22)],
  ['JSON with white space around, which would be lost', 'application/json', '{}\n'],
  ['JSON that nobody would read', 'application/json', '['.repeat(maxJsonDepth + 1) + ']'.repeat(maxJsonDepth + 1)],
  ['no octets at all', 'application/json', '']
])('has %s as base64', (_what, contentType, data) => {
  expect(membersAfter(contentType, data)).toContain(`,"data_base64":"${Buffer.from(data).toString('base64')}"}`)
})
