import { isUtf8 } from 'node:buffer'
import type { Logger } from '../telemetry/log.ts'
import type { Sink } from './sink.ts'

/** Octets of data in a line. */
const maxOctets = 1024

/** Writes a line for each event: its attributes and its size; the data only where somebody wants it. */
export const createLogSink = (log: Pick<Logger, 'info'>, place: string, withData: boolean): Sink => ({
  take({ attributes, data }) {
    const octets = data?.length ?? 0
    const shown = withData && data !== undefined ? { data: textOf(data) } : {}
    log.info({ sink: place, event: Object.fromEntries(attributes), octets, ...shown }, 'an event')
    return Promise.resolve()
  }
})

/** The beginning of the data: text where it is that, else base64. */
function textOf(data: Uint8Array): string {
  const start = Buffer.from(data.subarray(0, maxOctets))
  return isUtf8(data) ? start.toString() : start.toString('base64')
}
