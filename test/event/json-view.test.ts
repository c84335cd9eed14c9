import { describe, expect, it } from 'vitest'
import type { AttributeValue, CloudEvent } from '../../src/event/event.ts'
import { fromJson, toJson, viewOf } from '../../src/event/json-view.ts'
import { maxJsonDepth } from '../../src/event/json-depth.ts'
import { anEvent } from '../helpers/events.ts'
import { comparable } from './decode-event.ts'

const required = { specversion: '1.0', id: 'event-1', source: '/test', type: 'dev.sluice.test' }
const failed = (message: string) =>
  expect.objectContaining({ code: 'EXPRESSION_FAILED', message: expect.stringContaining(message) as string }) as Error

describe('the view of an event', () => {
  it.each<[string, string, string | Uint8Array, object]>([
    ['parsed JSON', 'application/x+json; a=b', ' {"a":[1,null]}\n', { data: { a: [1, null] } }],
    ['text', 'text/plain', 'é', { data: 'é' }],
    ['base64 for text that is not UTF-8', 'text/plain', Uint8Array.of(255), { data_base64: '/w==' }],
    ['base64 for other data', 'image/png', Uint8Array.of(0, 255), { data_base64: 'AP8=' }]
  ])('has %s', (_what, datacontenttype, data, members) => {
    expect(toJson(anEvent({ datacontenttype, data }))).toEqual({ ...required, datacontenttype, ...members })
  })

  it.each([
    'text/html; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json ',
    'application/json; charset',
    'application/json, application/json',
    undefined
  ])('has parsed JSON for what is JSON, labelled %j', datacontenttype => {
    expect(toJson(anEvent({ datacontenttype, data: '{"a":1}' }))['data']).toEqual({ a: 1 })
  })

  it('has parsed JSON for whatever its step is declared to give', () => {
    const declared = (data: string) => toJson({ ...anEvent({ datacontenttype: 'image/x', data }), dataIsJson: true })
    expect(declared('{"a":1}')['data']).toEqual({ a: 1 })
    expect(() => declared('{"a"')).toThrow(failed('declared as JSON and is not'))
  })

  it('leaves large text that may be JSON to whoever needs it', () => {
    const event = anEvent({ datacontenttype: 'text/plain', data: '[1,2]' })
    expect(viewOf(event, 4)).toMatchObject({ late: { declared: false }, opaque: false })
    expect(viewOf(event, 5)).toMatchObject({ view: { data: [1, 2] }, late: undefined })
  })

  it('has base64 for other data without a media type, and nothing for no data', () => {
    expect(toJson(anEvent({ datacontenttype: undefined, data: 'a=b' }))).toEqual({ ...required, data_base64: 'YT1i' })
    expect(toJson(anEvent({ data: undefined, extensions: { flag: true } }))).toEqual({ ...required, flag: true })
  })

  it('takes __proto__ and constructor in the data as names like any other', () => {
    const { data } = toJson(anEvent({ data: '{"__proto__":{"polluted":1},"constructor":2}' }))
    expect(Object.keys(data as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each<[string, string | Uint8Array, string]>([
    ['JSON that is none', '{"a":', 'declared as JSON and is not'],
    ['JSON that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'UTF-8'],
    ['no octets', '', 'declared as JSON and is not'],
    ['too many levels', '['.repeat(maxJsonDepth + 1), `deeper than ${maxJsonDepth} levels`]
  ])('fails for %s', (_what, data, message) => {
    expect(() => toJson(anEvent({ data }))).toThrow(failed(message))
  })
})

describe('the result of an expression', () => {
  const base = anEvent({ datacontenttype: 'text/plain', data: 'old', subject: 's' })
  const dataOf = (event: CloudEvent): string | undefined => event.data && Buffer.from(event.data).toString()

  it.each<[unknown, string]>([
    [{ a: 1 }, '{"a":1}'],
    ['text', '"text"'],
    [null, 'null'],
    [0, '0'],
    [[], '[]'],
    [{ specversion: undefined }, '{}']
  ])('%j becomes the data, as JSON', (value, data) => {
    const event = fromJson(value, base)
    expect(dataOf(event)).toBe(data)
    expect([...event.attributes]).toEqual([...new Map(base.attributes).set('datacontenttype', 'application/json')])
  })

  it('that has specversion becomes the event', () => {
    const event = fromJson({ ...required, id: '2', flag: true, count: 3, none: null, data: { a: 1 } }, base)
    const attributes = { ...required, id: '2', flag: true, count: 3, datacontenttype: 'application/json' }
    expect(comparable(event)).toEqual({
      attributes: new Map(Object.entries<AttributeValue>(attributes)),
      data: '{"a":1}'
    })
  })

  it.each<[string, object, string | undefined]>([
    ['text', { datacontenttype: 'text/plain', data: 'é' }, 'é'],
    ['a JSON string', { datacontenttype: 'application/json', data: 'é' }, '"é"'],
    ['null', { datacontenttype: 'application/json', data: null }, 'null'],
    ['octets', { datacontenttype: 'image/png', data_base64: 'YWI=' }, 'ab'],
    ['nothing', {}, undefined]
  ])('has %s as its data', (_what, members, data) => {
    expect(dataOf(fromJson({ ...required, ...members }, base))).toBe(data)
  })

  it.each(['application/json', 'text/plain', 'image/png', undefined])(
    'leaves %s as it was when it is the view itself',
    type => {
      const event = anEvent({ datacontenttype: type, data: '{"a":1}', extensions: { flag: true } })
      expect(comparable(fromJson(toJson(event), event))).toEqual(comparable(event))
    }
  )

  it.each(['"quoted"', '12345678901234567890', ' {"a" : 1.0} '])(
    'keeps the octets %s of mislabelled JSON where only attributes are changed',
    data => {
      const event = anEvent({ datacontenttype: 'text/plain', data })
      const { attributes, ...rest } = fromJson({ ...toJson(event), subject: 'new' }, event)
      expect([attributes.get('subject'), dataOf({ attributes, ...rest })]).toEqual(['new', data])
    }
  )

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'gave nothing'],
    ['an event without an id', { ...required, id: undefined }, '"id" is missing'],
    ['a version that is not known', { ...required, specversion: '2.0' }, '"specversion"'],
    ['a version that is no string', { ...required, specversion: 1 }, '"specversion" must be a string'],
    ['a fraction', { ...required, x: 1.5 }, '"x" must be'],
    ['an object as an attribute', { ...required, x: {} }, '"x" must be'],
    ['a wrong name', { ...required, X: '1' }, '"X" has a wrong name'],
    ['a line break', { ...required, subject: 'a\nb' }, '"subject"'],
    ['a wrong time', { ...required, time: 'now' }, '"time"'],
    ['both kinds of data', { ...required, data: 1, data_base64: '' }, 'both'],
    ['base64 that is none', { ...required, data_base64: 'a' }, 'base64'],
    ['a function', () => 1, 'no JSON'],
    ['a function as data', { ...required, data: () => 1 }, 'no JSON'],
    ['a bigint', 1n, 'cannot be written as JSON']
  ])('is refused when it is %s', (_what, value, message) => {
    expect(() => fromJson(value, base)).toThrow(failed(message))
  })
})
