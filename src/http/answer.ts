import type { ServerResponse } from 'node:http'

/** An HTTP answer as data: what decides it is pure, and one place writes it. */
export interface Answer {
  readonly status: number
  /** Flat list of lower-case names and values. */
  readonly headers: readonly string[]
  /** A text is sent in UTF-8. */
  readonly body: Uint8Array | string | undefined
}

export function jsonAnswer(status: number, value: unknown, headers: readonly string[] = []): Answer {
  return { status, headers: ['content-type', 'application/json', ...headers], body: JSON.stringify(value) }
}

export function textAnswer(status: number, text: string, headers: readonly string[] = []): Answer {
  return { status, headers: ['content-type', 'text/plain; charset=utf-8', ...headers], body: text }
}

/** Bodies up to this many octets leave in one piece with their head. */
const onePiece = 64 * 1024

/** Writes the answer, with more headers if need be. A caller who went away meanwhile is not an error. */
export function writeAnswer(
  response: ServerResponse,
  { status, headers, body }: Answer,
  more: readonly string[] = []
): void {
  if (response.destroyed || response.headersSent) return
  const all = headers.concat(more)
  if (status === 204) {
    response.writeHead(status, all).end()
    return
  }
  all.push('content-length', String(body === undefined ? 0 : Buffer.byteLength(body)))
  response.writeHead(status, all)
  if (typeof body === 'string') response.end(body, 'utf8')
  else if (body === undefined || body.length > onePiece) response.end(body)
  // Node joins head and body into one write only for strings; latin1 has a character for each octet.
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), 'latin1')
}
