import { aRequest, smuggled, text, type Malformed } from './malformed.ts'

const chunked = 'transfer-encoding: chunked'
const post = 'POST /default/echo HTTP/1.1'
const host = 'host: gateway.test'

/** Bodies whose end two programs would see in two places. */
const framing: readonly Malformed[] = [
  {
    name: 'content-length beside transfer-encoding',
    bytes: aRequest({ headers: ['content-length: 5', chunked], body: `0\r\n\r\n${smuggled}` }),
    answer: 400
  },
  {
    name: 'transfer-encoding beside content-length',
    bytes: aRequest({ headers: [chunked, `content-length: ${5 + smuggled.length}`], body: `0\r\n\r\n${smuggled}` }),
    answer: 400
  },
  {
    name: 'two content-lengths',
    bytes: aRequest({ headers: ['content-length: 2', 'content-length: 0'], body: `{}${smuggled}` }),
    answer: 400
  },
  {
    name: 'the same content-length twice',
    bytes: aRequest({ headers: ['content-length: 2', 'content-length: 2'], body: `{}${smuggled}` }),
    answer: 400
  },
  ...['2, 2', '2,0', '+2', '-1', '0x2', '2 2', '', '9'.repeat(40), '1e1', '"2"'].map(length => ({
    name: `content-length ${JSON.stringify(length)}`,
    bytes: aRequest({ headers: [`content-length: ${length}`], body: `{}${smuggled}` }),
    answer: 400
  })),
  ...['identity, chunked', 'chunked, identity', 'xchunked', 'chunked, chunked', 'gzip, chunked', 'identity', ''].map(
    coding => ({
      name: `transfer-encoding ${JSON.stringify(coding)}`,
      bytes: aRequest({ headers: [`transfer-encoding: ${coding}`], body: `0\r\n\r\n${smuggled}` }),
      answer: 400
    })
  ),
  {
    name: 'transfer-encoding twice',
    bytes: aRequest({ headers: [chunked, 'transfer-encoding: identity'], body: `0\r\n\r\n${smuggled}` }),
    answer: 400
  },
  {
    name: 'transfer-encoding with a vertical tab',
    bytes: aRequest({ headers: ['transfer-encoding:\vchunked'], body: `0\r\n\r\n${smuggled}` }),
    answer: 400
  },
  {
    name: 'transfer-encoding in HTTP/1.0',
    bytes: text('POST /default/echo HTTP/1.0', host, chunked, '', `0\r\n\r\n${smuggled}`),
    answer: 400
  }
]

/** Lines that end, begin or fold where they should not. */
const lines: readonly Malformed[] = [
  { name: 'bare line feeds', bytes: Buffer.from(`${post}\n${host}\ncontent-length: 0\n\n${smuggled}`), answer: 400 },
  { name: 'a bare line feed in a header', bytes: aRequest({ headers: [`x-a: 1\nx-b: 2`] }), answer: 400 },
  { name: 'a bare carriage return in a header', bytes: aRequest({ headers: ['x-a: 1\rx-b: 2'] }), answer: 400 },
  { name: 'a folded header', bytes: aRequest({ headers: ['x-a: 1', ' 2'] }), answer: 400 },
  { name: 'a folded transfer-encoding', bytes: aRequest({ headers: ['transfer-encoding:', ' chunked'] }), answer: 400 },
  { name: 'a space before the colon', bytes: aRequest({ headers: ['x-a : 1'] }), answer: 400 },
  {
    name: 'a space before the colon of content-length',
    bytes: text(post, host, 'content-length : 2', '', '{}'),
    answer: 400
  },
  { name: 'a space before the first header', bytes: text(post, ` ${host}`, 'content-length: 0', '', ''), answer: 400 },
  { name: 'a header without a colon', bytes: aRequest({ headers: ['x-a'] }), answer: 400 },
  { name: 'a header without a name', bytes: aRequest({ headers: [': 1'] }), answer: 400 },
  { name: 'a header name with a NUL', bytes: aRequest({ headers: ['x-\0a: 1'] }), answer: 400 },
  { name: 'a header value with a NUL', bytes: aRequest({ headers: ['x-a: 1\u00002'] }), answer: 400 },
  { name: 'a header name beyond ASCII', bytes: aRequest({ headers: ['x-\xe9: 1'] }), answer: 400 }
]

const chunks = (name: string, body: string, answer: number, ...headers: readonly string[]): Malformed => ({
  name,
  bytes: aRequest({ headers: [chunked, ...headers], body }),
  answer
})

/** Chunks that are no chunks. */
const chunkForms: readonly Malformed[] = [
  chunks('a negative chunk size', `-1\r\n{}\r\n0\r\n\r\n`, 400),
  chunks('a chunk size that overflows', `10000000000000002\r\n{}\r\n0\r\n\r\n`, 400),
  chunks('a chunk of 2^63 bytes', `8000000000000000\r\n${'x'.repeat(2_000_000)}`, 413),
  chunks('a chunk size with a prefix', `0x2\r\n{}\r\n0\r\n\r\n`, 400),
  chunks('a chunk size that is no number', `zz\r\n{}\r\n0\r\n\r\n`, 400),
  chunks('a chunk size with a space', `2 \r\n{}\r\n0\r\n\r\n`, 400),
  chunks('a chunk that is longer than it says', `1\r\n{}\r\n0\r\n\r\n${smuggled}`, 400),
  chunks('a chunk that ends in a line feed', `2\n{}\n0\n\n${smuggled}`, 400),
  chunks('20 KB of chunk extensions', `2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`, 413),
  chunks('a chunk extension with a line feed', `2;a\nb\r\n{}\r\n0\r\n\r\n`, 400),
  chunks('a trailer that names itself content-length', `2\r\n{}\r\n0\r\ncontent-length: 50\r\n\r\n`, 400),
  chunks('a trailer that names itself transfer-encoding', `2\r\n{}\r\n0\r\ntransfer-encoding: chunked\r\n\r\n`, 400),
  chunks('20 KB of trailers', `2\r\n{}\r\n0\r\n${'x-a: 1\r\n'.repeat(2500)}\r\n`, 431)
]

/** Requests whose framing is wrong, or understood by some programs only. */
export const malformedFraming: readonly Malformed[] = [...framing, ...lines, ...chunkForms]
