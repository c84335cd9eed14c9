import { describe, expect, it } from 'vitest'
import { decodeHttp } from '../../src/event/decode.ts'
import { attribute } from '../../src/event/event.ts'
import { decodeEvent as decode } from './decode-event.ts'

const required = ['ce-specversion', '1.0', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't']

const without = (name: string): string[] =>
  required.flatMap((value, i) => (i % 2 === 0 && value !== `ce-${name}` ? [value, required[i + 1] ?? ''] : []))

describe('binary mode', () => {
  it('takes attributes from headers in any case, and the data from the body', () => {
    const event = decode(
      ['CE-SpecVersion', '1.0', 'Ce-Id', '1', 'ce-SOURCE', '/s', 'ce-type', 't', 'CE-MyExt', 'x'],
      '{ "a":1 }'
    )
    expect(Object.fromEntries(event.attributes)).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      myext: 'x'
    })
    expect(event.data).toEqual(Buffer.from('{ "a":1 }'))
  })

  it('takes the content type to the character', () => {
    const contentType = 'Application/JSON ;charset="UTF-8"'
    expect(attribute(decode([...required, 'Content-Type', contentType]), 'datacontenttype')).toBe(contentType)
  })

  it('refuses a second content type, whichever is meant', () => {
    expect(() => decode([...required, 'Content-Type', 'text/plain', 'content-type', 'text/html'])).toThrow(
      'content-type is given more'
    )
  })

  it('names the attribute that is missing when other ce- headers are there', () => {
    expect(() => decode(['ce-myext', 'x'])).toThrow('"id" is missing')
  })

  it('has no data when the body is empty', () => expect(decode(required).data).toBeUndefined())

  it('is a plain message without any ce- header', () => {
    expect(decodeHttp(['content-type', 'application/json'], Buffer.from('{}'))).toEqual({ kind: 'none' })
  })

  it.each(['id', 'source', 'type', 'specversion'])('needs %s, and not empty', name => {
    expect(() => decode(without(name))).toThrow(`"${name}" is missing`)
    expect(() => decode([...without(name), `ce-${name}`, ''])).toThrow(`"${name}" must not be empty`)
  })

  it.each([
    ['1.1', false],
    ['9.9', false],
    ['0.3', true],
    ['1.0', true]
  ])('specversion %s is understood: %s', (version, understood) => {
    const headers = [...without('specversion'), 'ce-specversion', version]
    if (understood) expect(attribute(decode(headers), 'specversion')).toBe(version)
    else expect(() => decode(headers)).toThrow('specversion')
  })

  it.each(['ce-id', 'CE-Type', 'ce-myext'])('refuses %s given twice', header => {
    expect(() => decode([...required, 'ce-myext', 'a', header, 'b'])).toThrow('more than once')
  })

  it.each(['ce-', 'ce-my_ext', 'ce-my-ext', 'ce-data', 'ce-datacontenttype', `ce-${'x'.repeat(65)}`])(
    'refuses the name %s',
    header => {
      expect(() => decode([...required, header, 'x'])).toThrow('attribute')
    }
  )

  it.each(['constructor', 'hasownproperty', 'tostring', 'valueof'])(
    'takes the extension %s as a name like any other',
    name => {
      expect(attribute(decode([...required, `ce-${name}`, 'x']), name)).toBe('x')
    }
  )

  it.each([
    ['plain', 'plain'],
    ['a b', 'a b'],
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac', '€'],
    ['100%25', '100%'],
    ['"quoted \\" and \\\\"', 'quoted " and \\'],
    ['"%41"', 'A'],
    ['say "hi"', 'say "hi"'],
    ['%EF%BB%BFmarked', '\ufeffmarked'],
    [Buffer.from('zażółć').toString('latin1'), 'zażółć']
  ])('decodes the value %j as %j', (header, value) => {
    expect(attribute(decode([...required, 'ce-subject', header]), 'subject')).toBe(value)
  })

  it.each([
    ['a stray percent', '50%'],
    ['wrong digits', '%zz'],
    ['an overlong form', '%C0%A0'],
    ['a lone continuation', '%80'],
    ['a surrogate', '%ED%A0%80'],
    ['an encoded line break', 'a%0D%0Ax-evil: 1'],
    ['a NUL', '%00'],
    ['a C1 control', '%C2%85'],
    ['a noncharacter', '%EF%BF%BE'],
    ['raw invalid UTF-8', '\xff'],
    ['a tab', 'a\tb'],
    ['an unfinished quoted string', '"abc'],
    ['a quoted string with more behind it', '"a"b'],
    ['half a percent-encoding', '%4'],
    ['a character that no header has', '\u4e2d']
  ])('refuses %s in a value, naming the attribute', (_name, header) => {
    expect(() => decode([...required, 'ce-subject', header])).toThrow('"subject"')
  })

  it.each([
    '2026-11-21T17:31:00Z',
    '2026-11-21T17:31:00.123456789+02:00',
    '2026-11-21t17:31:00.1z',
    '1990-12-31T23:59:60Z',
    '2024-02-29T00:00:00-23:59'
  ])('keeps the time %s to the character', time => {
    expect(attribute(decode([...required, 'ce-time', time]), 'time')).toBe(time)
  })

  it.each([
    'now',
    '2026-11-21',
    '2026-11-21T17:31:00',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T17:31:00+25:00',
    '2026-11-21 17:31:00Z'
  ])('refuses the time %s', time => expect(() => decode([...required, 'ce-time', time])).toThrow('"time"'))

  it.each([
    'text/plain;\tcharset=utf-8',
    'text/plain; charset',
    'text/plain; charset=a; charset=b',
    'video/webm;codecs=vp8,opus',
    'multipart/form-data; boundary=a:b',
    'text/plain; name="\xe9\x81'
  ])('keeps the content-type %j to the letter', type => {
    expect(attribute(decode([...required, 'content-type', type]), 'datacontenttype')).toBe(type)
  })

  it('takes white space around a value for none of it', () => {
    const event = decode([...required, 'ce-subject', '\t a b ', 'content-type', ' text/plain '])
    expect([attribute(event, 'subject'), attribute(event, 'datacontenttype')]).toEqual(['a b', 'text/plain'])
  })

  it.each([
    ['ce-source', 'has space', 'source'],
    ['ce-dataschema', 'relative', 'dataschema'],
    ['ce-dataschema', '', 'dataschema'],
    ['ce-subject', '', 'subject'],
    ['content-type', 'nonsense', 'datacontenttype'],
    ['content-type', 'text/', 'datacontenttype'],
    ['content-type', '/plain', 'datacontenttype']
  ])('refuses %s: %s', (header, value, name) => {
    const headers = header === 'ce-source' ? without('source') : required
    expect(() => decode([...headers, header, value])).toThrow(`"${name}"`)
  })

  it('shows only the beginning of a long value', () => {
    const message = (() => {
      try {
        decode([...required, 'ce-time', 'x'.repeat(10_000)])
        return ''
      } catch (error) {
        return String(error)
      }
    })()
    expect(message.length).toBeGreaterThan(0)
    expect(message.length).toBeLessThan(200)
  })

  it('takes names of up to 64 letters and 128 attributes', () => {
    const longest = 'x'.repeat(64)
    expect(attribute(decode([...required, `ce-${longest}`, 'y']), longest)).toBe('y')
    const many = Array.from({ length: 124 }, (_, i) => [`ce-x${i}`, '1']).flat()
    expect(decode([...required, ...many]).attributes.size).toBe(128)
  })

  it('refuses more attributes than anybody needs', () => {
    const many = Array.from({ length: 1000 }, (_, i) => [`ce-x${i}`, '1']).flat()
    expect(() => decode([...required, ...many])).toThrow('more than 128 attributes')
  })
})
