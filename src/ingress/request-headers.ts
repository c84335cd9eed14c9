import { SluiceError } from '../errors.ts'
import { isIdentity } from '../event/content-coding.ts'
import { hopsHeader } from '../event/hops.ts'
import { readHops } from './hops.ts'

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

/** What a header that came again says. Throws INVALID_REQUEST. */
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

/** Set for each call, whether the pipeline names them or not: by the request, its trace or the step. */
const setAnyway = new Set(['x-request-id', 'traceparent', 'tracestate', 'baggage', 'kn-namespace', hopsHeader])

/** The flat list of what steps receive: `x-request-id` and the hops always, the rest only when the pipeline names it. */
export function propagatedHeaders(headers: RequestHeaders, names: readonly string[], requestId: string): string[] {
  const flat = ['x-request-id', headers.get('x-request-id') || requestId, hopsHeader, String(readHops(headers) + 1)]
  for (const name of names) {
    const value = headers.get(name)
    if (value !== undefined && !setAnyway.has(name)) flat.push(name, value)
  }
  return flat
}
