import { encodeHttp } from '../event/encode-http.ts'
import type { EncodedMessage } from '../event/encoded-message.ts'
import type { CloudEvent } from '../event/event.ts'

/** Many servers take no longer head: Node's limit is 16 KiB, that of proxies often half of it. */
const maxHeaderOctets = 8192

/**
 * The message of a call with these headers beside the event's own; structured where binary mode would need too many.
 */
export function encodeCall(
  event: CloudEvent,
  mode: 'binary' | 'structured',
  beside: readonly (readonly string[])[]
): EncodedMessage {
  const message = encodeHttp(event, mode)
  const { headers } = message
  for (const more of beside) for (const text of more) headers.push(text)
  if (mode === 'structured' || octetsOf(headers) <= maxHeaderOctets) return message
  return encodeCall(event, 'structured', beside)
}

/** As they stand in the head: two more octets behind each name and each value. */
function octetsOf(headers: readonly string[]): number {
  let octets = 2 * headers.length
  for (const text of headers) octets += text.length
  return octets
}
