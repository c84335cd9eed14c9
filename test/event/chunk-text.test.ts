import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChunkText, type Chunk } from '../../src/event/chunk-text.ts'

/** As a parser of server-sent events reads it: any end of line is a line feed. */
const received = ({ encoding, data }: Chunk): Buffer =>
  Buffer.from(encoding === 'text' ? data.replaceAll(/\r\n?/g, '\n') : data, encoding === 'text' ? 'utf8' : 'base64')

const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 6 }).map(text => Buffer.from(text)),
    fc.constantFrom('\r\n', '\r', 'é', '\n', '\u2028', '\ufeff', '😀').map(text => Buffer.from(text))
  )
)

it('tells octets of any kind, however they are cut, so that they come through as they were', () => {
  fc.assert(
    fc.property(pieces, fc.constantFrom('text/plain', 'image/png', 'text/plain; charset=latin1'), (given, type) => {
      const text = new ChunkText(type)
      const told: Chunk[] = []
      let come = 0
      for (const piece of given) {
        come += piece.length
        for (const chunk of text.of(piece)) {
          told.push(chunk)
          expect(Buffer.concat(told.map(received)).length).toBe(come - chunk.left)
        }
        expect(come - Buffer.concat(told.map(received)).length).toBeLessThan(4)
      }
      told.push(...text.rest())
      expect(Buffer.concat(told.map(received))).toEqual(Buffer.concat(given))
    })
  )
})

it('is text wherever text comes through', () => {
  const text = new ChunkText('application/x-ndjson')
  const octets = Buffer.from('{"a":"é"}\n')
  expect([...text.of(octets.subarray(0, 7)), ...text.of(octets.subarray(7))]).toEqual([
    { encoding: 'text', data: '{"a":"', left: 1 },
    { encoding: 'text', data: 'é"}\n', left: 0 }
  ])
  expect(text.rest()).toEqual([])
  expect(text.of(Buffer.from('one\ntwo\nthree\r\n'))).toEqual([
    { encoding: 'text', data: 'one\ntwo\n', left: 7 },
    { encoding: 'base64', data: Buffer.from('three\r\n').toString('base64'), left: 0 }
  ])
})
