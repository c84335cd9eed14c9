import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeHttp } from '../../src/event/decode.ts'
import { encodeBinary } from '../../src/event/encode-binary.ts'
import { encodeStructured } from '../../src/event/encode-structured.ts'
import type { AttributeValue, CloudEvent } from '../../src/event/event.ts'
import { comparable, travel } from './decode-event.ts'

/** CloudEvents allows these characters in a string. */
const text = fc
  .oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary-ascii', minLength: 1 }))
  .filter(value => !/[\p{Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/u.test(value))

const contentType = fc.constantFrom(
  undefined,
  'application/json',
  'text/plain',
  'Application/X+JSON; a=b',
  'image/png',
  'text/xml; charset="utf-8"'
)

/** Not empty: binary mode has no way to tell empty data from none. */
const data = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array({ minLength: 1 }),
  fc.json().map(value => Buffer.from(value)),
  fc.string({ unit: 'binary', minLength: 1 }).map(value => Buffer.from(value))
)

const anyEvent = (value: fc.Arbitrary<AttributeValue>): fc.Arbitrary<CloudEvent> =>
  fc
    .record({
      id: text,
      type: text,
      subject: fc.option(text, { nil: undefined }),
      datacontenttype: contentType,
      data,
      extensions: fc.dictionary(fc.stringMatching(/^x[a-z0-9]{0,18}$/), value, { maxKeys: 5 })
    })
    .map(({ data, extensions, ...others }) => {
      const attributes = Object.entries({ specversion: '1.0', source: '/s?q=1', ...others, ...extensions })
      return {
        attributes: new Map(attributes.filter(([, value]) => value !== undefined)) as CloudEvent['attributes'],
        data
      }
    })

describe('any event', () => {
  it('survives binary mode to the character', () => {
    fc.assert(
      fc.property(anyEvent(text), event => {
        expect(comparable(travel(encodeBinary(event)))).toEqual(comparable(event))
      })
    )
  })

  it('survives structured mode to the character, the types and order of its attributes included', () => {
    fc.assert(
      fc.property(anyEvent(fc.oneof(text, fc.boolean(), fc.integer())), event => {
        const arrived = travel(encodeStructured(event))
        expect(comparable(arrived)).toEqual(comparable(event))
        expect([...arrived.attributes.keys()]).toEqual([...event.attributes.keys()])
      })
    )
  })

  it('is written in visible ASCII only', () => {
    fc.assert(
      fc.property(anyEvent(text), event => {
        for (const value of encodeBinary(event).headers) expect(value).toMatch(/^[\x20-\x7e]*$/)
      })
    )
  })
})

describe('garbage', () => {
  const readOrRefused = (headers: readonly string[], body: Uint8Array): void => {
    try {
      decodeHttp(headers, body)
    } catch (error) {
      expect(error).toMatchObject({ name: 'SluiceError', code: 'INVALID_EVENT' })
    }
  }
  const structured = ['content-type', 'application/cloudevents+json']
  const batch = ['content-type', 'application/cloudevents-batch+json']

  it('as a body is read or refused, never a defect', () => {
    fc.assert(
      fc.property(fc.constantFrom(structured, batch), fc.uint8Array(), (headers, body) => {
        readOrRefused(headers, body)
      })
    )
  })

  it('as some octets of an event is read or refused, never a defect', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.uint8Array({ maxLength: 3 }), (json, at, octets) => {
        const body = Buffer.from(`{"specversion":"1.0","id":"1","source":"/","type":"t","data":${json}}`)
        body.set(octets, at % (body.length - octets.length))
        readOrRefused(structured, body)
      }),
      { numRuns: 1000 }
    )
  })

  it('in headers is read or refused, never a defect', () => {
    const known = fc.constantFrom('ce-id', 'Ce-Time', 'ce-subject', 'ce-dataschema', 'ce-myext', 'content-type')
    const name = fc.oneof(
      known,
      fc.string().map(value => `ce-${value}`)
    )
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^["%\\A-F0-9]*$/))
    const required = ['ce-specversion', '1.0', 'ce-source', '/', 'ce-type', 't']
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 3 }), headers => {
        readOrRefused([...required, ...headers.flat()], Buffer.alloc(0))
      }),
      { numRuns: 1000 }
    )
  })
})
