import { randomUUID } from 'node:crypto'

/** A clock that goes back by more than this was set; by less, time stands still until it is caught up with. */
const maxStepBackMs = 10_000
const sequences = 0x1000

let lastMs = 0
let sequence = 0

/**
 * A UUIDv7 (RFC 9562 section 5.7): 48 bits of time, 12 that count within a millisecond (section 6.2, method 1), then
 * random ones. So ids of one process sort in the order in which they were made. The random part is that of a UUIDv4, for
 * which Node keeps entropy in stock.
 */
export function createRequestId(nowMs: number = Date.now()): string {
  advance(nowMs)
  const time = lastMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}${randomUUID().slice(18)}`
}

function advance(nowMs: number): void {
  if (nowMs > lastMs || nowMs < lastMs - maxStepBackMs) {
    lastMs = nowMs
    sequence = 0
  } else if (++sequence === sequences) {
    lastMs++
    sequence = 0
  }
}
