import { randomUUID } from 'node:crypto'

/**
 * A UUIDv7 (RFC 9562 section 5.7): 48 bits of time, then random ones, so that ids sort by acceptance. The random part
 * is that of a UUIDv4, for which Node keeps entropy in stock.
 */
export function createRequestId(nowMs: number = Date.now()): string {
  const time = nowMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
