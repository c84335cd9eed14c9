import { describe, expect, it } from 'vitest'
import type { SluiceError } from '../../src/errors.ts'
import { decodeHttp } from '../../src/event/decode.ts'
import { encodeStructured } from '../../src/event/encode-structured.ts'
import type { CloudEvent } from '../../src/event/event.ts'
import { decodeEvent } from './decode-event.ts'

const structured = ['content-type', 'application/cloudevents+json']
const required = '"specversion":"1.0","id":"1","source":"/s","type":"t"'

const decode = (body: string | Uint8Array, headers = structured): CloudEvent => decodeEvent(headers, body)
const dataOf = (members: string): string | undefined => decode(`{${required},${members}}`).data?.toString()

describe('structured mode', () => {
  it.each([
    'application/cloudevents+json',
    'application/cloudevents+json; charset=utf-8',
    'Application/CloudEvents+JSON;charset=UTF-8',
    'application/cloudevents+json; charset="utf-8"; foo=bar'
  ])('is read as %s', contentType => {
    expect(decode(`{${required}}`, ['Content-Type', contentType]).attributes.get('id')).toBe('1')
  })

  it.each([
    'application/cloudevents+xml',
    'application/cloudevents',
    'application/cloudevents+json; charset=latin1',
    'application/cloudevents+avro'
  ])('is not read as %s: 415', contentType => {
    expect(() => decode(`{${required}}`, ['content-type', contentType])).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }) as SluiceError
    )
  })

  it.each([
    ['{ "a" : 1 ,\n\t"b":[ ] }', '{ "a" : 1 ,\n\t"b":[ ] }'],
    ['9223372036854775808', '9223372036854775808'],
    ['1e400', '1e400'],
    ['{"a":1,"a":2}', '{"a":1,"a":2}'],
    ['"\\u00e9\\/"', '"\\u00e9\\/"'],
    ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1}}'],
    ['  null  ', 'null'],
    ['false', 'false'],
    ['0', '0'],
    ['""', '""'],
    ['[[[[[[]]]]]]', '[[[[[[]]]]]]']
  ])('keeps the data %s to the octet', (data, expected) => {
    expect(dataOf(`"data":${data}`)).toBe(expected)
    expect(dataOf(`"datacontenttype":"application/vnd.x+json","data" :${data}`)).toBe(expected)
  })

  it('says that data without a media type is JSON', () => {
    expect(decode(`{${required},"data":1}`).attributes.get('datacontenttype')).toBe('application/json')
    expect(decode(`{${required}}`).attributes.has('datacontenttype')).toBe(false)
  })

  it('takes text out of its JSON string', () => {
    expect(dataOf('"datacontenttype":"text/plain","data":"a\\n\\u20ac"')).toBe('a\n€')
  })

  it('takes other JSON as it is where the media type is not JSON', () => {
    expect(dataOf('"data":{ "a":1 },"datacontenttype":"text/plain"')).toBe('{ "a":1 }')
    expect(() => decode(`{${required},"datacontenttype":"text/plain","data":"\\ud800"}`)).toThrow('lone surrogate')
  })

  it('counts for more than ce- headers', () => {
    const event = decode(`{${required}}`, [...structured, 'ce-id', '2', 'ce-my_ext', 'x'])
    expect(event.attributes.get('id')).toBe('1')
  })

  it('keeps the order of the attributes, and reads escapes in their names and values', () => {
    const event = decode('{"\\u0069d":"\\u00e9","type":"t","7":"","specversion":"1.0","source":"\\/s"}')
    expect([...event.attributes]).toEqual([
      ['id', 'é'],
      ['type', 't'],
      ['7', ''],
      ['specversion', '1.0'],
      ['source', '/s']
    ])
  })

  it('takes octets out of base64', () => {
    const { data } = decode(`{${required},"data_base64":"AP+A"}`)
    expect(data).toEqual(Buffer.from([0, 255, 128]))
  })

  it('keeps booleans and integers as they are, and drops null', () => {
    const event = decode(`{${required},"flag":true,"count":-2147483648,"none":null}`)
    expect(event.attributes.get('flag')).toBe(true)
    expect(event.attributes.get('count')).toBe(-2147483648)
    expect(event.attributes.has('none')).toBe(false)
    expect(JSON.parse(encodeStructured(event).body?.toString() ?? '')).toMatchObject({ flag: true, count: -2147483648 })
  })

  it.each([
    ['a fraction', '"x":1.5', '"x"'],
    ['an integer with a fraction', '"x":1.0', '"x"'],
    ['an integer with an exponent', '"x":1e2', '"x"'],
    ['an endless integer', `"x":${'1'.repeat(1000)}`, '"x"'],
    ['an integer of more than 32 bits', '"x":2147483648', '"x"'],
    ['an object', '"x":{}', '"x"'],
    ['an array', '"x":[]', '"x"'],
    ['a wrong name', '"X":"1"', '"X"'],
    ['a lone surrogate', '"x":"\\ud800"', '"x"'],
    ['a line break', '"x":"a\\r\\nb"', '"x"'],
    ['a member twice', '"x":"1","x":"2"', 'given twice'],
    ['an id that is a number', '"id2":"","subject":5', '"subject"'],
    ['both kinds of data', '"data":1,"data_base64":""', 'both'],
    ['base64 that is none', '"data_base64":"a"', '"data_base64"'],
    ['base64 without padding', '"data_base64":"YQ"', 'base64'],
    ['base64 for URLs', '"data_base64":"_-8="', 'base64'],
    ['base64 with a line break', '"data_base64":"YWJj\\nYWJj"', 'base64'],
    ['base64 that is null', '"data_base64":null', 'base64'],
    ['null and a value', '"x":null,"x":"1"', 'given twice'],
    ['too many members', Array.from({ length: 200 }, (_, i) => `"x${i}":null`).join(), 'more than 128 attributes'],
    ['a value that no head could carry', `"x":"${'v'.repeat(16_385)}"`, '"x" is longer than 16384'],
    ['base64 that is no string', '"data_base64":5', 'base64']
  ])('refuses %s', (_name, member, message) => {
    expect(() => decode(`{${required},${member}}`)).toThrow(message)
  })

  it.each([
    '',
    '{',
    '[]',
    'null',
    '"x"',
    `{${required}`,
    `{${required}}}`,
    `{${required},}`,
    `{${required} "x":1}`,
    `{${required},"data":}`,
    `{${required},"data":[1,]}`,
    `{${required},"data":{"a"}}`,
    `{${required},"data":01}`,
    `{${required},"data":+1}`,
    `{${required},"data":tru}`,
    `{${required},"data":"\\x"}`,
    `{${required},"data":"\\u12g4"}`,
    `{${required},"data":"\n"}`,
    `{${required},"data":[}`,
    `{${required},"data":[[1]}`,
    `\ufeff{${required}}`
  ])('refuses %j', text =>
    expect(() => decode(text)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }) as SluiceError)
  )

  it('refuses invalid UTF-8 wherever it stands', () => {
    const body = Buffer.concat([Buffer.from(`{${required},"data":"`), Buffer.from([0xc0, 0xa0]), Buffer.from('"}')])
    expect(() => decodeHttp(structured, body)).toThrow('UTF-8')
  })
})

describe('batch mode', () => {
  const batch = ['content-type', 'application/cloudevents-batch+json']
  const decodeBatch = (text: string): readonly CloudEvent[] => {
    const decoded = decodeHttp(batch, Buffer.from(text))
    if (decoded.kind !== 'batch') throw new Error(`expected a batch, found ${decoded.kind}`)
    return decoded.events
  }

  it('gives the events in order', () => {
    const events = decodeBatch(`[ {${required},"data":1} , {${required.replace('"1"', '"2"')}} ]`)
    expect(events.map(({ attributes, data }) => [attributes.get('id'), data?.toString()])).toEqual([
      ['1', '1'],
      ['2', undefined]
    ])
    expect(decodeBatch(' [ ] ')).toEqual([])
  })

  it('names the event that is wrong', () => {
    expect(() => decodeBatch(`[{${required}},{"id":"2"}]`)).toThrow('event 1 of the batch')
    expect(() => decodeBatch(`{${required}}`)).toThrow('array')
    expect(() => decodeBatch(`[{${required}},]`)).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENT' }) as SluiceError
    )
  })
})
