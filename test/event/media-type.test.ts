import { describe, expect, it } from 'vitest'
import { isJsonMediaType, isTextMediaType, parseMediaType } from '../../src/event/media-type.ts'
import { processorMs } from '../helpers/processor-time.ts'

describe('parseMediaType', () => {
  it.each<[string, string, Record<string, string>]>([
    ['text/plain', 'text/plain', {}],
    ['Application/Vnd.X+JSON', 'application/vnd.x+json', {}],
    ['text/plain;charset=utf-8', 'text/plain', { charset: 'utf-8' }],
    ['text/plain \t;\t Charset="UTF-8" ; b=c', 'text/plain', { charset: 'UTF-8', b: 'c' }],
    ['a/b;c="x\\"y\\\\;z"', 'a/b', { c: 'x"y\\;z' }],
    ['a/b;c=""', 'a/b', { c: '' }],
    ['a/b;; c=d;', 'a/b', { c: 'd' }]
  ])('reads %j', (value, essence, parameters) => {
    const mediaType = parseMediaType(value)
    expect(mediaType?.essence).toBe(essence)
    expect(Object.fromEntries(mediaType?.parameters ?? [])).toEqual(parameters)
  })

  it.each([
    '',
    '/',
    'json',
    'a/',
    '/b',
    'a//b',
    'a/b/c',
    'a /b',
    'a/ b',
    ' a/b',
    'a/b ',
    'a/b, c/d',
    'a/b c',
    'a/b;c',
    'a/b;c=',
    'a/b;c =d',
    'a/b;c= d',
    'a/b;=d',
    'a/b;c="d',
    'a/b;c="d\\"',
    'a/b;c="d"e',
    'a/b;c="é"',
    'a/b;c="\n"',
    'a/b;c="\\\n"',
    'a/b;c=d;C=e',
    'text/plain\r\nx: y'
  ])('refuses %j', value => expect(parseMediaType(value)).toBeUndefined())

  it('reads a mebibyte of space in linear time', () => {
    const spent = processorMs(() => expect(parseMediaType(`a/b;${' '.repeat(1 << 20)}x`)).toBeUndefined())
    expect(spent).toBeLessThan(1000)
  })
})

it.each([
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['text/json', true],
  ['application/vnd.x+JSON;a=b', true],
  [' application/json ', true],
  ['application/json, application/json', true],
  ['application/json; charset', true],
  ['application/json; charset=utf-8; charset=utf-8', true],
  ['application/x-json', false],
  ['+json', false],
  ['application/jsonp', false],
  ['application/json-seq', false],
  ['text/plain; a=json', false],
  ['json', false],
  ['', false]
])('isJsonMediaType(%j) is %s', (value, json) => expect(isJsonMediaType(value)).toBe(json))

it.each([
  ['text/plain', true],
  ['TEXT/html;charset=utf-8', true],
  ['application/text', false],
  ['text', false]
])('isTextMediaType(%j) is %s', (value, text) => expect(isTextMediaType(value)).toBe(text))
