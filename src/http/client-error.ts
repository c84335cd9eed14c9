import type { Duplex } from 'node:stream'
import { errorKinds, SluiceError, type ErrorCode } from '../errors.ts'
import { problemAnswer } from './problem.ts'

/** Answers what Node's parser refused before any handler saw it, and closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [code, detail] = explain(error.code)
  const { status, headers, body } = problemAnswer(new SluiceError(code, detail), { instance: '/' })
  const lines = [
    `HTTP/1.1 ${status} ${errorKinds[code].title}`,
    'connection: close',
    `content-length: ${body?.length ?? 0}`
  ]
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body ?? Buffer.alloc(0)]))
}

function explain(code: string | undefined): readonly [ErrorCode, string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['REQUEST_TIMEOUT', 'the request was not sent completely in time']
    case 'HPE_HEADER_OVERFLOW':
      return ['HEADERS_TOO_LARGE', 'the headers are larger than 16 KiB']
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return ['BODY_TOO_LARGE', 'the chunk extensions are too large']
    default:
      return ['INVALID_REQUEST', `the request is not valid HTTP/1.1${code === undefined ? '' : ` (${code})`}`]
  }
}
