import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxJsonDepth } from '../../src/event/json-depth.ts'
import { JsonScanner } from '../../src/event/json-scanner.ts'
import { isJsonText } from '../../src/event/json-text.ts'

/** Whether the scanner takes it for JSON. */
function scans(text: string): boolean {
  try {
    const scanner = new JsonScanner(Buffer.from(text))
    scanner.value()
    scanner.end()
    return true
  } catch {
    return false
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function membersOf(text: string): [string, string][] {
  const json = Buffer.from(text)
  const scanner = new JsonScanner(json)
  const members: [string, string][] = []
  scanner.eachMember(name => {
    const { start, end } = scanner.value()
    members.push([name, json.subarray(start, end).toString()])
  })
  scanner.end()
  return members
}

describe('the scanner of JSON', () => {
  it('tells members with the octets of their values', () => {
    expect(membersOf(' { "a" : 1 , "\\u0062\\n" : { "c" : [ 1 , "}" ] } ,"é":"\\u00e9"}\n')).toEqual([
      ['a', '1'],
      ['b\n', '{ "c" : [ 1 , "}" ] }'],
      ['é', '"\\u00e9"']
    ])
    expect(membersOf('{ }')).toEqual([])
  })

  it('keeps the octets of any value, however it is spaced', () => {
    const object = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.json()), { selector: ([name]) => name })
    const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)
    fc.assert(
      fc.property(object, space, (members, gap) => {
        const written = members.map(([name, value]) => `${gap}${JSON.stringify(name)}${gap}:${gap}${value}${gap}`)
        expect(membersOf(`${gap}{${written.join()}}${gap}`)).toEqual(members)
      })
    )
  })

  const damages = '{ } [ ] " , : 0 e - . + \\ / u t n x'.split(' ')

  it('takes what JSON.parse takes and refuses what it refuses', () => {
    const damaged = fc.tuple(fc.json({ maxDepth: 4 }), fc.nat(), fc.constantFrom('', ...damages))
    const almostJson = damaged.map(([json, at, character]) => {
      const i = at % (json.length + 1)
      return `${json.slice(0, i)}${character}${json.slice(i + 1)}`
    })
    fc.assert(
      fc.property(almostJson, text => {
        expect(scans(text), text).toBe(parses(text))
      }),
      { numRuns: 500 }
    )
  })

  it.each([
    '-',
    '-a',
    '01',
    '1.',
    '.5',
    '1e',
    '1e+',
    '+1',
    '0x1',
    'nul',
    'nulll',
    'True',
    'NaN',
    '"',
    '"\\',
    '"\\u12"',
    '"\t"',
    '1 2'
  ])('refuses %j', text => expect(scans(text)).toBe(false))

  it.each([
    ['{"a" 1}', '":"', 5],
    ['{"a":1 "b":2}', '"," or "}"', 7],
    ['{"a":tru}', 'a JSON value', 5],
    ['{"a":-x}', 'a digit', 6],
    ['{"a":"\\q"}', 'a known escape', 6],
    ['{"a":1}x', 'nothing more', 7]
  ])('says of %j what is expected where', (text, expected, offset) => {
    expect(() => membersOf(text)).toThrow(`${expected} is expected at octet ${offset}`)
  })

  it('goes as deep as the limit and no level deeper', () => {
    const nested = (levels: number): string => '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2)
    expect(scans(nested(maxJsonDepth))).toBe(true)
    expect(() => membersOf(`{"a":[${nested(maxJsonDepth)}]}`)).toThrow(`deeper than ${maxJsonDepth} levels at octet`)
  })
})

it.each([
  ['{"a": 1}', true],
  [' 1', false],
  ['1\n', false],
  ['', false],
  ['1 2', false],
  ['\ufeff1', false]
])('%j can stand inside of JSON as it is: %s', (text, can) => expect(isJsonText(Buffer.from(text))).toBe(can))

it('invalid UTF-8 cannot stand inside of JSON', () => {
  expect(isJsonText(Buffer.from([0x22, 0xff, 0x22]))).toBe(false)
})
