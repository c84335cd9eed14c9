import type { ServerResponse } from 'node:http'

/** An HTTP answer as data: what decides it is pure, and one place writes it. */
export interface Answer {
  readonly status: number
  /** Flat list of lower-case names and values. */
  readonly headers: readonly string[]
  readonly body: Uint8Array | undefined
}

export function jsonAnswer(status: number, value: unknown, headers: readonly string[] = []): Answer {
  return { status, headers: ['content-type', 'application/json', ...headers], body: Buffer.from(JSON.stringify(value)) }
}

export function textAnswer(status: number, text: string, headers: readonly string[] = []): Answer {
  return { status, headers: ['content-type', 'text/plain; charset=utf-8', ...headers], body: Buffer.from(text) }
}

/** Writes the answer. A caller who went away meanwhile is not an error. */
export function writeAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed || response.headersSent) return
  const length = status === 204 ? [] : ['content-length', String(body?.length ?? 0)]
  response.writeHead(status, [...headers, ...length])
  response.end(status === 204 ? undefined : body)
}
