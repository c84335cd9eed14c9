import { describe, expect, it } from 'vitest'
import { encodeBinary } from '../../src/event/encode-binary.ts'
import { encodeStructured } from '../../src/event/encode-structured.ts'
import { comparable, decodeEvent, travel } from './decode-event.ts'

const required = ['ce-specversion', '0.3', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't']
const structured = ['content-type', 'application/cloudevents+json']
const members = '"specversion":"0.3","id":"1","source":"/s","type":"t"'

describe('an event of CloudEvents 0.3', () => {
  it('leaves in binary mode as it came', () => {
    const headers = [
      ...required,
      'ce-schemaurl',
      'http://x/y',
      'ce-datacontentencoding',
      'base64',
      'content-type',
      'text/plain'
    ]
    const { headers: sent, body } = encodeBinary(decodeEvent(headers, 'AAE='))
    expect(sent).toEqual([...required, ...headers.slice(8, 12), 'content-type', 'text/plain'])
    expect(body?.toString()).toBe('AAE=')
  })

  it('has its own rules: schemaurl is a URI, dataschema an extension', () => {
    expect(() => decodeEvent([...required, 'ce-schemaurl', 'a b'])).toThrow('"schemaurl" is not a URI')
    expect(decodeEvent([...required, 'ce-dataschema', 'a b']).attributes.get('dataschema')).toBe('a b')
  })

  it('tells base64 in JSON by datacontentencoding, which other modes do not need', () => {
    const body = `{${members},"datacontenttype":"image/png","datacontentencoding":"base64","data":"AP8="}`
    const event = decodeEvent(structured, body)
    expect(event.data).toEqual(Buffer.from([0, 255]))
    expect(event.attributes.has('datacontentencoding')).toBe(false)
    expect(encodeStructured(event).body?.toString()).toBe(body)
  })

  it('keeps data that datacontentencoding does not apply to', () => {
    const event = decodeEvent(structured, `{${members},"datacontentencoding":"base64","data":{"a":1}}`)
    expect(event.data?.toString()).toBe('{"a":1}')
  })

  it('survives structured mode with any data', () => {
    for (const [type, data] of [
      ['application/json', '{"a":1}'],
      ['text/plain', 'text'],
      ['image/png', Uint8Array.of(0, 255)]
    ] as const) {
      const event = decodeEvent([...required, 'content-type', type], data)
      expect(comparable(travel(encodeStructured(event)))).toEqual(comparable(event))
    }
  })

  it('is refused when its base64 is none', () => {
    const body = `{${members},"datacontentencoding":"base64","data":"AP8"}`
    expect(() => decodeEvent(structured, body)).toThrow('base64')
  })
})
