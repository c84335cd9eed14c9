import { hopsHeader } from '../event/hops.ts'
import { traceHeaders } from '../telemetry/carrier.ts'
import { readHops } from './hops.ts'
import type { RequestHeaders } from './request-headers.ts'

/** Set for each call, whether the pipeline names them or not: by the request, its trace or the step. */
const setAnyway = new Set(['x-request-id', ...traceHeaders, 'kn-namespace', hopsHeader])

/**
 * The flat list of what steps receive: `x-request-id` and the hops always, the rest only when the pipeline names it.
 */
export function propagatedHeaders(headers: RequestHeaders, names: readonly string[], requestId: string): string[] {
  const flat = ['x-request-id', headers.get('x-request-id') || requestId, hopsHeader, String(readHops(headers) + 1)]
  for (const name of names) {
    const value = headers.get(name)
    if (value !== undefined && !setAnyway.has(name)) flat.push(name, value)
  }
  return flat
}
