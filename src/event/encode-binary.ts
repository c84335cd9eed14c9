import type { EncodedMessage } from './encoded-message.ts'
import type { CloudEvent } from './event.ts'
import { encodeHeaderValue } from './header-value.ts'

/** The event in binary mode: attributes as headers, the data as the body. No content type is invented. */
export function encodeBinary({ attributes, data }: CloudEvent): EncodedMessage {
  const headers: string[] = []
  for (const [name, value] of attributes) {
    if (name === 'datacontenttype') headers.push('content-type', String(value))
    else headers.push(`ce-${name}`, encodeHeaderValue(typeof value === 'string' ? value : String(value)))
  }
  return { headers, body: data }
}
