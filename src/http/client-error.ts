import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorKinds, SluiceError, type ErrorCode } from '../errors.ts'
import { writeAnswer } from './answer.ts'
import { endWith } from './end-with.ts'
import { linger } from './linger.ts'
import { refusalAnswer } from './refusal-answer.ts'

/**
 * Answers what Node's parser or a clock refuses with a problem, after what the connection is still owed, and closes it.
 */
export type RefuseClient = (error: Error & { code?: string }, socket: Duplex) => void

/** `latestOn`: the answer to the request of a connection that came last, whether it has begun or not. */
export function createClientErrors(latestOn: (socket: Duplex) => ServerResponse | undefined): RefuseClient {
  // The parser fails again at whatever comes after the first fault.
  const refused = new WeakSet<Duplex>()
  return (error, socket) => {
    if (refused.has(socket)) return
    refused.add(socket)
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    else refuse(error.code, socket, latestOn(socket))
  }
}

/** The refusal of a clock of ours, as Node's own clock would say it. */
export const timedOut = (): Error => Object.assign(new Error('timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })

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

function explain(code: string | undefined): readonly [ErrorCode, string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [
        'REQUEST_TIMEOUT',
        'the request was not sent in time: headers take 10 s at most, a body 30 s without an octet, or slower than 1 KiB/s'
      ]
    case 'HPE_HEADER_OVERFLOW':
      return ['HEADERS_TOO_LARGE', 'the headers are larger than 16 KiB, or more than 256']
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return ['BODY_TOO_LARGE', 'the chunk extensions are too large']
    default:
      return ['INVALID_REQUEST', `the request is not valid HTTP/1.1${code === undefined ? '' : ` (${code})`}`]
  }
}
