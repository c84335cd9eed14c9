import { SluiceError } from '../errors.ts'
import { isIdentity } from '../event/content-coding.ts'

/** Request headers by lower-case name; of a repeated one, the values joined as its kind is. */
export type RequestHeaders = ReadonlyMap<string, string>

/** Two of these in one request are read differently by different programs, so they are refused. */
const singletons = new Set(['authorization', 'content-type', 'content-encoding', 'idempotency-key', 'x-request-id'])

/** Of these, proxies are known to repeat what the caller has said: two that say the same are one. */
const repeated = new Set(['content-type', 'content-encoding', 'x-request-id'])

/** From Node's flat list, which still shows what was sent twice. Throws INVALID_REQUEST. */
export function readHeaders(rawHeaders: readonly string[]): RequestHeaders {
  const headers = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    const value = rawHeaders[i + 1] ?? ''
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : joined(name, earlier, value))
  }
  return headers
}

/** The value of a header that came again. Throws INVALID_REQUEST. */
function joined(name: string, earlier: string, value: string): string {
  if (singletons.has(name)) {
    const same = earlier === value || (name === 'content-encoding' && isIdentity(`${earlier},${value}`))
    if (same && repeated.has(name)) return earlier
    throw new SluiceError('INVALID_REQUEST', `the header ${name} is given more than once`)
  }
  switch (name) {
    case 'cookie':
      return `${earlier}; ${value}`
    case 'traceparent':
      // Proxies that trace add one to that of the caller: nobody knows which, so that there is no trace to go on with.
      return ''
    default:
      return `${earlier}, ${value}`
  }
}
