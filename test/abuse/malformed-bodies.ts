import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { aRequest, eventHeaders, type Malformed } from './malformed.ts'

const tooLarge = 'x'.repeat(2_000_000)
const json = 'content-type: application/json'
const structured = 'content-type: application/cloudevents+json'
const zeros = Buffer.alloc(64 * 1024 * 1024)

const sizes: readonly Malformed[] = [
  { name: 'a body over the limit', bytes: aRequest({ body: tooLarge }), answer: 413 },
  {
    name: 'a body over the limit in chunks',
    bytes: aRequest({
      headers: ['transfer-encoding: chunked'],
      body: `${`${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`.repeat(40)}0\r\n\r\n`
    }),
    answer: 413
  },
  { name: 'a length of a terabyte', bytes: aRequest({ headers: ['content-length: 1099511627776'] }), answer: 413 },
  {
    name: 'a body over the limit that is announced',
    bytes: aRequest({ headers: ['expect: 100-continue', 'content-length: 2000000'] }),
    answer: 413
  },
  { name: 'a gzip bomb', bytes: encoded('gzip', gzipSync(zeros)), answer: 415 },
  {
    name: 'a brotli bomb',
    bytes: encoded('br', brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })),
    answer: 415
  },
  { name: 'an encoding that nobody knows', bytes: encoded('gzip, gzip, x', Buffer.from('x')), answer: 415 }
]

function encoded(encoding: string, body: Uint8Array): Buffer {
  return aRequest({ headers: [json, `content-encoding: ${encoding}`], body })
}

const depth = 200_000
const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
const deepObjects = `${'{"a":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}`
const keys = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"${i}":1`).join()}}`
const manyKeys = keys(100_000)
const required = '"specversion":"1.0","id":"1","source":"/test","type":"test"'

const plain = (name: string, body: string, answer: number, target = '/default/echo'): Malformed => ({
  name,
  bytes: aRequest({ target, headers: [json], body }),
  answer
})

const event = (name: string, members: string, answer = 400): Malformed => ({
  name,
  bytes: aRequest({ headers: [structured], body: Buffer.from(`{${required},${members}}`) }),
  answer
})

const depths: readonly Malformed[] = [
  plain('200,000 arrays', deep, 400),
  plain('200,000 arrays that do not end', '['.repeat(depth), 400),
  plain('100,000 objects', deepObjects, 400),
  plain('200,000 arrays for an expression', deep, 400, '/default/parsed'),
  { name: '200,000 arrays in binary mode', bytes: aRequest({ headers: eventHeaders(json), body: deep }), answer: 400 },
  event('200,000 arrays as structured data', `"data":${deep}`),
  event('200,000 arrays as a structured attribute', `"x":${deep}`),
  event('200,000 arrays as base64', `"data_base64":${deep}`),
  { name: '200,000 arrays as an event', bytes: aRequest({ headers: [structured], body: deep }), answer: 400 },
  {
    name: '200,000 arrays as a batch',
    bytes: aRequest({ headers: ['content-type: application/cloudevents-batch+json'], body: deep }),
    answer: 400
  },
  event('100,000 attributes', manyKeys.slice(1, -1))
]

const members: readonly Malformed[] = [
  event('__proto__ as a member', '"__proto__":"x"'),
  event('__proto__ as an object', '"__proto__":{"x":1}'),
  event('a member twice', '"id":"2"'),
  event('a member twice, escaped', '"\\u0069d":"2"'),
  event('an attribute that is an object', '"x":{}'),
  event('an attribute that is a fraction', '"x":1.5'),
  event('an attribute beyond 32 bits', '"x":2147483648'),
  event('an attribute with a line break', '"x":"a\\nb"'),
  event('an attribute with a lone surrogate', '"x":"\\ud800"'),
  event('both kinds of data', '"data":1,"data_base64":"AA=="'),
  event('base64 that is none', '"data_base64":"!"'),
  event('base64 that is a number', '"data_base64":1'),
  event('an unfinished string', '"x":"'),
  event('a trailing comma', '"x":1,'),
  event('a comment', '/**/"x":1'),
  event('NaN', '"x":NaN'),
  ...['', 'null', '1', '"x"', '[]', '{', '{}', `{${required}}x`, '\ufeff{}', '{"specversion":1.0}', '{"id":null}'].map(
    body => ({
      name: `the structured event ${JSON.stringify(body)}`,
      bytes: aRequest({ headers: [structured], body: Buffer.from(body) }),
      answer: 400
    })
  ),
  {
    name: 'a structured event that is not UTF-8',
    bytes: aRequest({ headers: [structured], body: `{${required},"x":"\xff"}` }),
    answer: 400
  },
  plain('JSON that is none, for an expression', '{"a":', 502, '/default/parsed'),
  plain('JSON that begins with a byte order mark, for an expression', '\xef\xbb\xbf{}', 502, '/default/parsed'),
  plain('JSON that is not UTF-8, for an expression', '"\xff"', 502, '/default/parsed')
]

/** Bodies that look dangerous and are only data. */
const harmless: readonly Malformed[] = [
  event('constructor as an attribute', '"constructor":"x","data":1', 200),
  event('prototypes in the data', '"data":{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}', 200),
  plain('prototypes in plain data', '{"__proto__":{"x":1}}', 200),
  plain('prototypes for an expression', '{"__proto__":{"data":1}}', 200, '/default/parsed'),
  plain('100,000 members', manyKeys, 200),
  plain('5,000 members for an expression', keys(5_000), 200, '/default/parsed'),
  plain('a number of 500,000 digits', '1'.repeat(500_000), 200),
  plain('JSON that is none, which nobody reads', '{"a":', 200)
]

/** Bodies that are too large, too deep, or not what they say. */
export const malformedBodies: readonly Malformed[] = [...sizes, ...depths, ...members, ...harmless]
