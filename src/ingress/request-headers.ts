import { SluiceError } from '../errors.ts'

/** Request headers by lower-case name; of a repeated one, the values joined with a comma. */
export type RequestHeaders = ReadonlyMap<string, string>

/** Two of these in one request are read differently by different programs, so they are refused. */
const singletons = new Set([
  'authorization',
  'content-type',
  'content-encoding',
  'idempotency-key',
  'traceparent',
  'x-request-id'
])

/** From Node's flat list, which still shows what was sent twice. Throws INVALID_REQUEST. */
export function readHeaders(rawHeaders: readonly string[]): RequestHeaders {
  const headers = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    const value = rawHeaders[i + 1] ?? ''
    const earlier = headers.get(name)
    if (earlier !== undefined && singletons.has(name)) {
      throw new SluiceError('INVALID_REQUEST', `the header ${name} is given more than once`)
    }
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return headers
}

/** Set for each call, whether the pipeline names them or not: by the request, its trace or the step. */
const setAnyway = new Set(['x-request-id', 'traceparent', 'tracestate', 'baggage', 'kn-namespace'])

/** The flat list of what steps receive: `x-request-id` always, the rest only when the pipeline names it. */
export function propagatedHeaders(headers: RequestHeaders, names: readonly string[], requestId: string): string[] {
  const flat = ['x-request-id', headers.get('x-request-id') ?? requestId]
  for (const name of names) {
    const value = headers.get(name)
    if (value !== undefined && !setAnyway.has(name)) flat.push(name, value)
  }
  return flat
}
