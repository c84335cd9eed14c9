import { SluiceError } from '../errors.ts'
import { hopsHeader } from '../event/hops.ts'
import type { RequestHeaders } from './request-headers.ts'

/** More gateways in a row than anybody has: the request goes round. */
const maxHops = 32

/** The gateways before this one; what is not a number counts as none. */
export function readHops(headers: RequestHeaders): number {
  const value = headers.get(hopsHeader)
  if (value === undefined) return 0
  // Of a header that was added beside an earlier one the highest counts.
  return value.split(',').reduce((most, text) => Math.max(most, /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : 0), 0)
}

/** Throws LOOP_DETECTED. */
export function checkHops(headers: RequestHeaders): void {
  if (readHops(headers) < maxHops) return
  throw new SluiceError(
    'LOOP_DETECTED',
    `the request has come through gateways ${maxHops} times: its steps lead back here`
  )
}
