/** One request that no honest client sends, and what it deserves. */
export interface Malformed {
  readonly name: string
  readonly bytes: Uint8Array
  /** The status. */
  readonly answer: number
}

interface Parts {
  readonly method?: string
  readonly target?: string
  /** The lines after `host`, as they stand. */
  readonly headers?: readonly string[]
  /** Sent with its content-length, unless the headers frame it otherwise. */
  readonly body?: string | Uint8Array
}

/** An honest request, but for the parts that are given; text goes out a character for each octet. */
export function aRequest({ method = 'POST', target = '/default/echo', headers = [], body = '' }: Parts = {}): Buffer {
  const content = typeof body === 'string' ? Buffer.from(body, 'latin1') : body
  const framed = headers.some(line => /^(content-length|transfer-encoding)/i.test(line))
  const framing = framed ? [] : [`content-length: ${content.length}`]
  const lines = [`${method} ${target} HTTP/1.1`, 'host: gateway.test', ...headers, ...framing]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}

/** The lines as they stand, with nothing added. */
export const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1')

/** A request that must never be run: it calls a pipeline of its own, whose step would tell. */
export const smuggled = 'POST /default/smuggled HTTP/1.1\r\nhost: gateway.test\r\ncontent-length: 2\r\n\r\n{}'

/** The headers of an event in binary mode, without the attributes that are left out. */
export function eventHeaders(...more: readonly string[]): string[] {
  const names = new Set(more.map(line => line.slice(0, line.indexOf(':')).toLowerCase()))
  const required = ['ce-specversion: 1.0', 'ce-id: 1', 'ce-source: /test', 'ce-type: test']
  return [...required.filter(line => !names.has(line.slice(0, line.indexOf(':')))), ...more]
}
