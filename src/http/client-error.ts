import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorKinds, SluiceError, type ErrorCode } from '../errors.ts'
import { writeAnswer, type Answer } from './answer.ts'
import { linger } from './linger.ts'
import { refusalAnswer } from './refusal-answer.ts'

/** What becomes of requests that Node's parser or its clock refuses. */
export interface ClientErrors {
  /** To be told of every answer that is begun. */
  began(outgoing: ServerResponse): void
  /** Answers with a problem, after what the connection is still owed, and closes it. */
  refuse(error: Error & { code?: string }, socket: Duplex): void
}

export function createClientErrors(): ClientErrors {
  const latest = new WeakMap<Duplex, ServerResponse>()
  // The parser fails again at whatever comes after the first fault.
  const refused = new WeakSet<Duplex>()
  return {
    began: outgoing => void latest.set(outgoing.req.socket, outgoing),
    refuse(error, socket) {
      if (refused.has(socket)) return
      refused.add(socket)
      if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
      else refuse(error.code, socket, latest.get(socket))
    }
  }
}

/** The answer that was begun last is the one to the broken request, unless its own request was whole. */
function refuse(errorCode: string | undefined, socket: Duplex, latest: ServerResponse | undefined): void {
  const [code, detail] = explain(errorCode)
  const answer = refusalAnswer(new SluiceError(code, detail))
  if (latest === undefined || latest.writableFinished) {
    endWith(answer, errorKinds[code].title, socket)
  } else if (latest.req.complete) {
    latest.once('finish', () => endWith(answer, errorKinds[code].title, socket))
  } else if (latest.headersSent) {
    socket.destroy()
  } else {
    latest.setHeader('connection', 'close')
    writeAnswer(latest, answer)
    linger(socket)
  }
}

/** Written by hand, since for what could not be read there is no response to write to. */
function endWith({ status, headers, body }: Answer, title: string, socket: Duplex): void {
  const bytes = Buffer.from(body ?? '')
  const lines = [`HTTP/1.1 ${status} ${title}`, 'connection: close', `content-length: ${bytes.length}`]
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]))
  linger(socket)
}

function explain(code: string | undefined): readonly [ErrorCode, string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['REQUEST_TIMEOUT', 'the request was not sent completely in time']
    case 'HPE_HEADER_OVERFLOW':
      return ['HEADERS_TOO_LARGE', 'the headers are larger than 16 KiB, or more than 256']
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return ['BODY_TOO_LARGE', 'the chunk extensions are too large']
    default:
      return ['INVALID_REQUEST', `the request is not valid HTTP/1.1${code === undefined ? '' : ` (${code})`}`]
  }
}
