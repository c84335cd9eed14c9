import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { assert, array, asyncProperty, constantFrom, oneof, property, string, tuple, uint8Array } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SluiceError } from '../../src/errors.ts'
import { decodeHttp } from '../../src/event/decode.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { aPipeline, startAbusedGateway, type AbusedGateway } from './abused-gateway.ts'

const seed = 20_240_229
const refusals = ['INVALID_EVENT', 'UNSUPPORTED_MEDIA_TYPE']

const octets = uint8Array({ maxLength: 300 })
const latin1 = octets.map(some => Buffer.from(some).toString('latin1'))
const names = oneof(
  latin1,
  constantFrom(
    'content-type',
    'Content-Type',
    'ce-id',
    'ce-source',
    'ce-type',
    'ce-specversion',
    'ce-time',
    'ce-x',
    'ce-'
  )
)
const values = oneof(
  latin1,
  string(),
  constantFrom('1.0', '0.3', '%', '%C0%A0', '"\\', 'text/plain;a="', 'application/cloudevents+json; charset=utf-8')
)
const punctuation = constantFrom(
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u00',
  '1',
  '-',
  'e',
  '.',
  'null',
  '\xff',
  ' '
)
const members = constantFrom('"id"', '"source":"/"', '"type":"t"', '"specversion":"1.0"', '"data"', '"data_base64"')
const jsonParts = oneof(punctuation, members)
const bodies = oneof(
  octets,
  array(jsonParts, { maxLength: 40 }).map(parts => Buffer.from(parts.join(''), 'latin1'))
)

describe('garbage', () => {
  it('is decoded, or refused as such', () => {
    assert(
      property(array(tuple(names, values), { maxLength: 8 }), bodies, (headers, body) => {
        try {
          decodeHttp(headers.flat(), body)
        } catch (thrown) {
          expect(refusals).toContain(thrown instanceof SluiceError ? thrown.code : thrown)
        }
      }),
      { seed, numRuns: 5000 }
    )
  })

  it.each(['application/cloudevents+json', 'application/cloudevents-batch+json'])('is no %s', contentType => {
    assert(
      property(bodies, body => {
        try {
          decodeHttp(['content-type', contentType], body)
        } catch (thrown) {
          expect(thrown instanceof SluiceError ? thrown.code : thrown).toBe('INVALID_EVENT')
        }
      }),
      { seed, numRuns: 5000 }
    )
  })
})

const starts = constantFrom(
  'POST /default/echo HTTP/1.1\r\n',
  'GET / HTTP/1.1\r\n',
  'POST ',
  '/',
  ' HTTP/1.1',
  '5\r\n',
  ':'
)
const ends = constantFrom('\r\n', '\r\n\r\n', '\n', '\r', '0\r\n\r\n')
const headerLines = constantFrom(
  'host: a\r\n',
  'content-length: 5\r\n',
  'content-length: ',
  'transfer-encoding: chunked\r\n',
  'expect: 100-continue\r\n',
  'ce-id: ',
  'connection: close\r\n',
  'upgrade: x\r\n'
)
const requestParts = array(oneof(starts, ends, headerLines, latin1), { maxLength: 20 })
const requests = oneof(
  octets,
  requestParts.map(parts => Buffer.from(parts.join(''), 'latin1'))
)

/** All that the gateway says to these bytes, when nothing follows them. */
async function answersTo(url: string, bytes: Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end(bytes)
  return await text(socket)
}

describe('garbage on a socket', () => {
  let echo: StepServer
  let gateway: AbusedGateway

  beforeAll(async () => {
    echo = await startStep(({ body }) => ({ headers: { 'content-type': 'text/plain' }, body }))
    gateway = await startAbusedGateway(aPipeline('echo', `{uri: ${echo.url}}`))
  })
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
    await echo[Symbol.asyncDispose]()
  })

  it('is refused, and never a 500 or the end of the gateway', async () => {
    await assert(
      asyncProperty(array(requests, { minLength: 20, maxLength: 20 }), async batch => {
        const answers = await Promise.all(batch.map(bytes => answersTo(gateway.url, bytes)))
        for (const answer of answers) expect(answer).not.toMatch(/^HTTP\/1\.1 5/m)
        const next = await fetch(`${gateway.url}/default/echo`, { method: 'POST', body: 'honest' })
        expect([next.status, await next.text()]).toEqual([200, 'honest'])
      }),
      { seed, numRuns: 100, endOnFailure: true }
    )
  })
})
