import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRetryAfter } from '../../src/delivery/retry-after.ts'
import { SluiceError } from '../../src/errors.ts'
import { decodeHeaderValue, encodeHeaderValue } from '../../src/event/header-value.ts'
import { fromJson, toJson } from '../../src/event/json-view.ts'
import { isJsonMediaType, parseMediaType } from '../../src/event/media-type.ts'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import { anEvent } from '../helpers/events.ts'

const numRuns = 300
const seed = 20_240_229

/** Text that is made of pieces that mean something to a parser. */
const madeOf = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 20 })
    .map(some => some.join(''))

/** The code that it fails with; `undefined`: it does not. What is no failure of an input is thrown on. */
function codeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code
    throw thrown
  }
}

const latin1 = fc.uint8Array({ maxLength: 40 }).map(octets => Buffer.from(octets).toString('latin1'))

describe('a media type', () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/)
  const quoted = fc.string({ unit: 'grapheme-ascii', maxLength: 12 })
  const written = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

  it('is read with each of its parameters, however they are written', () => {
    const parameters = fc.uniqueArray(fc.tuple(token, quoted), {
      selector: ([name]) => name.toLowerCase(),
      maxLength: 4
    })
    fc.assert(
      fc.property(token, token, parameters, (type, subtype, given) => {
        const text = `${type}/${subtype}${given.map(([name, value]) => `; ${name}=${written(value)}`).join('')}`
        const read = parseMediaType(text)
        expect(read?.essence).toBe(`${type}/${subtype}`.toLowerCase())
        expect([...(read?.parameters ?? [])]).toEqual(given.map(([name, value]) => [name.toLowerCase(), value]))
      }),
      { seed, numRuns }
    )
  })

  it('is told from what is none without failing, whatever is in it', () => {
    const anything = madeOf(
      'text/',
      'application/json',
      '/',
      ';',
      ',',
      '=',
      '"',
      '\\',
      ' ',
      '\t',
      'charset',
      '\r\n',
      'é'
    )
    fc.assert(
      fc.property(fc.oneof(anything, latin1), text => {
        expect(typeof isJsonMediaType(text)).toBe('boolean')
        expect(parseMediaType(text)?.essence ?? 'a/b').toMatch(/^[^\s/;,"]+\/[^\s/;,"]+$/)
      }),
      { seed, numRuns }
    )
  })
})

describe('a header value of an attribute', () => {
  it('is read as it was before it was written', () => {
    const text = fc
      .array(fc.integer({ min: 0x20, max: 0x10ffff }))
      .map(codes =>
        String.fromCodePoint(...codes).replace(/[\p{Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/gu, '')
      )
    fc.assert(
      fc.property(text, value => {
        const header = encodeHeaderValue(value)
        expect(header).toMatch(/^[!-~]*$/)
        expect(decodeHeaderValue('subject', header)).toBe(value)
      }),
      { seed, numRuns }
    )
  })

  it('that cannot be read is refused as such, and none brings a line break', () => {
    const anything = fc.oneof(latin1, madeOf('%', '%0d%0a', '%C3', '%A9', '%ED%A0%80', '"', '\\"', ' ', '\xff'))
    fc.assert(
      fc.property(anything, header => {
        let value = ''
        const code = codeOf(() => (value = decodeHeaderValue('subject', header)))
        expect(code ?? 'INVALID_EVENT').toBe('INVALID_EVENT')
        expect(value).not.toMatch(/\p{Control}/u)
      }),
      { seed, numRuns }
    )
  })
})

describe('the view that expressions have of an event', () => {
  const types = [
    'application/json',
    'text/plain',
    'text/html',
    'image/png',
    'application/x-www-form-urlencoded',
    undefined
  ]
  const view = fc.record({
    datacontenttype: fc.constantFrom(...types),
    data: fc.oneof(
      fc.json().map(json => Buffer.from(json)),
      fc.uint8Array({ minLength: 1 })
    )
  })

  it('is there, or fails as an expression, and pollutes no prototype', () => {
    fc.assert(
      fc.property(view, parts => {
        expect(codeOf(() => JSON.stringify(toJson(anEvent(parts)))) ?? 'EXPRESSION_FAILED').toBe('EXPRESSION_FAILED')
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      { seed, numRuns }
    )
  })

  it('becomes an event again from any value, or fails as an expression', () => {
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
      fc.record({
        specversion: fc.anything(),
        id: fc.anything(),
        source: fc.anything(),
        type: fc.anything(),
        data: fc.anything()
      })
    )
    fc.assert(
      fc.property(value, some => {
        expect(codeOf(() => fromJson(some, anEvent())) ?? 'EXPRESSION_FAILED').toBe('EXPRESSION_FAILED')
      }),
      { seed, numRuns }
    )
  })
})

describe('a definition', () => {
  const words = [
    'apiVersion: sluice.dev/v1alpha1\n',
    'kind: ServingPipeline\n',
    'metadata: {name: a}\n',
    'spec:\n',
    '  steps:\n'
  ]
  const marks = [
    '---\n',
    '- ',
    ': ',
    '&a ',
    '*a',
    '<<: ',
    '!!js ',
    '{',
    '}',
    '[',
    ']',
    '|\n',
    '>\n',
    '"',
    "'",
    '#',
    '\t',
    '? '
  ]
  const fields = [
    '    - uri: http://a.test/\n',
    '    - transform: "data.a["\n',
    'retry: 1e9\n',
    '__proto__: 1\n',
    'null\n',
    '\ud800',
    '\0'
  ]

  it('is read, or has faults that stand in its text, whatever it is', () => {
    const text = fc.oneof(madeOf(...words, ...marks, ...fields), fc.json())
    fc.assert(
      fc.property(text, some => {
        const { faults } = readPipelines([{ file: 'a.yaml', text: some }])
        const lines = some.split('\n').length
        for (const fault of faults) {
          expect(fault.message).not.toBe('')
          expect(fault.line >= 1 && fault.line <= lines && fault.column >= 1, JSON.stringify(fault)).toBe(true)
        }
      }),
      { seed, numRuns: numRuns / 4 }
    )
  })
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 29)

  it('is a time from now on, or nothing, whatever is in it', () => {
    const parts = [
      'Sun, 06 Nov 2026 08:49:37 GMT',
      'Sunday, 06-Nov-26 08:49:37 GMT',
      'Sun Nov  6 08:49:37 2026',
      '-',
      '1',
      'e9',
      ' '
    ]
    fc.assert(
      fc.property(fc.oneof(madeOf(...parts), latin1), value => {
        const waitMs = parseRetryAfter(value, now) ?? 0
        expect(Number.isFinite(waitMs) && waitMs >= 0, String(waitMs)).toBe(true)
      }),
      { seed, numRuns }
    )
  })

  it('as an HTTP date is read to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 8 }), seconds => {
        expect(parseRetryAfter(new Date(now + seconds * 1000).toUTCString(), now)).toBe(seconds * 1000)
      }),
      { seed, numRuns }
    )
  })
})
