import { asBuffer } from './as-buffer.ts'
import type { CloudEvent } from './event.ts'
import { dataViewOf } from './data-view.ts'

const none = Buffer.from('null')

/**
 * The data of the event as a JSON value: JSON to the octet, text as a string, other octets as a string of base64, no
 * data as null. Throws EXPRESSION_FAILED when the data claims to be JSON and is not.
 */
export function jsonOf(event: CloudEvent): Uint8Array {
  const { data } = event
  if (data === undefined || data.length === 0) return none
  const { members, opaque } = dataViewOf(event, Infinity)
  if (!opaque) return asBuffer(data)
  return Buffer.from(JSON.stringify(members.data ?? members.data_base64))
}
