import { describe, expect, it } from 'vitest'
import { readHttpBody, readHttpHead } from './http-message.ts'

describe('a message on the wire', () => {
  it('has a head with its headers by lower-case name, repeated ones joined', () => {
    const head = readHttpHead(Buffer.from('HTTP/1.1 200 OK\r\nCE-Id: 1\r\nlink: a\r\nLink: b\r\n\r\nbody'))
    expect(head).toEqual({ startLine: 'HTTP/1.1 200 OK', headers: { 'ce-id': '1', link: 'a, b' }, length: 47 })
  })

  it('has no head until the empty line has come', () => {
    expect(readHttpHead(Buffer.from('HTTP/1.1 200 OK\r\nce-id: 1\r\n'))).toBeUndefined()
  })

  it.each([
    ['a body of the announced length, and nothing after it', '{}rest', { 'content-length': '2' }, '{}', 2],
    ['chunks put together', '2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\nrest', { 'transfer-encoding': 'chunked' }, 'abc', 22],
    ['chunks with trailers', '1\r\na\r\n0\r\nx-t: 1\r\n\r\n', { 'transfer-encoding': 'Chunked' }, 'a', 19]
  ])('has %s', (_, rest, headers: Record<string, string>, content, length) => {
    expect(readHttpBody(Buffer.from(rest), headers)).toEqual({ content: Buffer.from(content), length })
  })

  it.each([
    ['some of the length is missing', '{', { 'content-length': '2' }],
    ['the size of a chunk is missing', '1\r\na\r\n', { 'transfer-encoding': 'chunked' }],
    ['some of a chunk is missing', '5\r\nab', { 'transfer-encoding': 'chunked' }],
    ['the end of the last chunk is missing', '0\r\n', { 'transfer-encoding': 'chunked' }]
  ])('is incomplete while %s', (_, rest, headers: Record<string, string>) => {
    expect(readHttpBody(Buffer.from(rest), headers)).toBe('incomplete')
  })

  it('is unframed when no header announces the body', () => {
    expect(readHttpBody(Buffer.from('{}'), {})).toBe('unframed')
  })
})
