import { CloudEvent, HTTP } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import { encodeBinary } from '../../src/event/encode-binary.ts'
import { encodeStructured } from '../../src/event/encode-structured.ts'
import type { EncodedMessage } from '../../src/event/encoded-message.ts'
import { toJson } from '../../src/event/json-view.ts'
import { anEvent } from '../helpers/events.ts'
import { decodeEvent } from './decode-event.ts'

/*
 * The `cloudevents` package (version 10) is what most Node endpoints use. It is the other side of the first part; the
 * second part lists where it leaves the specification, and what this codec does instead.
 */

/** A message of ours as the package takes it. */
function readByPackage({ headers, body }: EncodedMessage): CloudEvent<unknown> {
  const byName = Object.fromEntries(headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1] ?? '']] : [])))
  return HTTP.toEvent({ headers: byName, body: body && Buffer.from(body).toString() }) as CloudEvent<unknown>
}

/** A message of the package as this codec takes it. */
function readHere({ headers, body }: { headers: object; body: unknown }): Record<string, unknown> {
  const octets = body instanceof Uint8Array ? body : ((body ?? '') as string)
  return toJson(decodeEvent(Object.entries(headers).flat().map(String), octets))
}

const attributes = {
  id: '1',
  source: '/s',
  type: 't',
  subject: 'a/b?c=d',
  time: '2026-11-21T17:31:00.123Z',
  dataschema: 'https://example.com/schema',
  myext: 'x'
}

const payloads: [string, object][] = [
  ['JSON', { datacontenttype: 'application/json', data: { a: [1, 'é'] } }],
  ['text', { datacontenttype: 'text/plain', data: 'text é' }],
  ['no data', {}]
]

describe('with the cloudevents package', () => {
  it.each(payloads)('reads what it writes in both modes: %s', (_what, payload) => {
    const event = new CloudEvent({ ...attributes, ...payload })
    expect(readHere(HTTP.binary(event))).toMatchObject({ ...attributes, ...payload })
    expect(readHere(HTTP.structured(event))).toMatchObject({ ...attributes, ...payload })
  })

  it('reads the octets that it writes', () => {
    const event = new CloudEvent({ ...attributes, datacontenttype: 'image/png', data: Uint8Array.of(0, 255) })
    expect(readHere(HTTP.binary(event))['data_base64']).toBe('AP8=')
    expect(readHere(HTTP.structured(event))['data_base64']).toBe('AP8=')
  })

  it.each(payloads)('writes what it reads in both modes: %s', (_what, payload) => {
    const { id, source, type, subject, time, dataschema, myext } = attributes
    const parts = { id, source, type, subject, time, dataschema, extensions: { myext }, data: undefined, ...payload }
    const event = anEvent(parts)
    for (const message of [encodeBinary(event), encodeStructured(event)]) {
      const read = readByPackage(message)
      expect(read).toMatchObject({ ...attributes, ...payload })
      expect(read.validate()).toBe(true)
    }
  })
})

const binary = ['ce-specversion', '1.0', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't']
const json = [...binary, 'content-type', 'application/json']
const structured = ['content-type', 'application/cloudevents+json']
const members = '"specversion":"1.0","id":"1","source":"/s","type":"t"'

describe('unlike the cloudevents package', () => {
  it.each<[string, string[], string, object]>([
    [
      'media types may be written in any case',
      ['content-type', 'Application/CloudEvents+JSON;charset=UTF-8'],
      `{${members}}`,
      {}
    ],
    ['a missing time stays missing', binary, '', { time: undefined }],
    [
      'the time keeps its nanoseconds and offset',
      [...binary, 'ce-time', '2026-11-21T17:31:00.123456789+02:00'],
      '',
      { time: '2026-11-21T17:31:00.123456789+02:00' }
    ],
    ['values are percent-decoded', [...binary, 'ce-subject', 'a%20b'], '', { subject: 'a b' }],
    ['no media type is invented', binary, '', { datacontenttype: undefined }],
    ['a bare number is JSON', json, '42', { data: 42 }],
    ['a bare boolean is JSON', json, 'true', { data: true }],
    ['JSON may begin with white space', json, ' \n{"a":1}', { data: { a: 1 } }],
    [
      'JSON with any parameter is JSON',
      [...binary, 'content-type', 'application/json;charset=UTF-8'],
      '{"a":1}',
      { data: { a: 1 } }
    ],
    ['the suffix +json is JSON', [...binary, 'content-type', 'application/x+json'], '{"a":1}', { data: { a: 1 } }],
    ['false is data', structured, `{${members},"data":false}`, { data: false }],
    ['zero is data', structured, `{${members},"data":0}`, { data: 0 }],
    ['the empty string is data', structured, `{${members},"data":""}`, { data: '' }],
    ['null is data', structured, `{${members},"data":null}`, { data: null }],
    ['booleans keep their type', structured, `{${members},"flag":true}`, { flag: true }]
  ])('%s', (_what, headers, body, view) => {
    expect({ time: undefined, datacontenttype: undefined, ...toJson(decodeEvent(headers, body)) }).toMatchObject(view)
  })

  it('integers of any size and octets of base64 are kept', () => {
    expect(decodeEvent(structured, `{${members},"data":9007199254740993}`).data?.toString()).toBe('9007199254740993')
    expect(decodeEvent(structured, `{${members},"data_base64":"AAE="}`).data).toEqual(Buffer.from([0, 1]))
  })

  it.each<[string, string[], string, string]>([
    ['an empty object is no event', structured, '{}', '"id" is missing'],
    ['an event has a type', binary.slice(0, 6), '', '"type" is missing'],
    ['an event has an id', ['ce-specversion', '1.0', 'ce-source', '/s', 'ce-type', 't'], '', '"id" is missing'],
    ['an event has a version', binary.slice(2), '', '"specversion" is missing'],
    ['version 9.9 is unknown', [...binary.slice(2), 'ce-specversion', '9.9'], '', '"specversion"'],
    ['a time is a time', [...binary, 'ce-time', 'nonsense'], '', '"time"'],
    ['overlong UTF-8 is refused', [...binary, 'ce-subject', '%C0%A0'], '', '"subject"'],
    [
      'a percent sign is encoded, which the package does not do',
      [...binary, 'ce-subject', '50%'],
      '',
      '"subject" has a "%"'
    ],
    ['an object is no attribute', structured, `{${members},"x":{}}`, '"x" must be'],
    ['a batch is an array', ['content-type', 'application/cloudevents-batch+json'], '{}', 'a JSON array is expected']
  ])('%s', (_what, headers, body, message) => {
    expect(() => decodeEvent(headers, body)).toThrow(message)
  })
})
