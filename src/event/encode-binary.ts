import type { EncodedMessage } from './encoded-message.ts'
import type { CloudEvent } from './event.ts'
import { encodeHeaderValue } from './header-value.ts'

/**
 * Names that nearly every event has are joined once: a string that is new is looked up anew by everybody downstream.
 */
const usualNames = new Map(
  ['specversion', 'id', 'source', 'type', 'time', 'subject', 'dataschema', 'causationid'].map(name => [
    name,
    `ce-${name}`
  ])
)

/** The event in binary mode: attributes as headers, the data as the body. No content type is invented. */
export function encodeBinary({ attributes, data }: CloudEvent): EncodedMessage {
  const headers: string[] = []
  for (const [name, value] of attributes) {
    if (name === 'datacontenttype') headers.push('content-type', String(value))
    else
      headers.push(
        usualNames.get(name) ?? `ce-${name}`,
        encodeHeaderValue(typeof value === 'string' ? value : String(value))
      )
  }
  return { headers, body: data }
}
