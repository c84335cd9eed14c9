import { decodeHttp } from '../../src/event/decode.ts'
import type { EncodedMessage } from '../../src/event/encoded-message.ts'
import type { CloudEvent } from '../../src/event/event.ts'

/** The one event of a message, in binary or structured mode. */
export function decodeEvent(headers: readonly string[], body: string | Uint8Array = ''): CloudEvent {
  const decoded = decodeHttp(headers, Buffer.from(body))
  if (decoded.kind !== 'event') throw new Error(`expected an event, found ${decoded.kind}`)
  return decoded.event
}

/** The event at the other end of the wire, where Node hands over a character for each octet of a header. */
export function travel({ headers, body }: EncodedMessage): CloudEvent {
  const wire = headers.map(value => Buffer.from(value, 'latin1').toString('latin1'))
  return decodeEvent(wire, body)
}

/** An event that can be compared with `toEqual`. */
export const comparable = ({ attributes, data }: CloudEvent) => ({
  attributes: new Map(attributes),
  data: data === undefined ? undefined : Buffer.from(data).toString('latin1')
})
