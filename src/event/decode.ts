import { SluiceError } from '../errors.ts'
import { checkEvent, checkName, wrong } from './attribute-rules.ts'
import { decodeBatch, decodeStructured } from './decode-structured.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { decodeHeaderValue } from './header-value.ts'
import { parseMediaType } from './media-type.ts'

/** What an HTTP message carries. */
export type Decoded =
  | { readonly kind: 'event'; readonly mode: 'binary' | 'structured'; readonly event: CloudEvent }
  | { readonly kind: 'batch'; readonly events: readonly CloudEvent[] }
  /** Neither a `ce-` header nor a CloudEvents media type: a plain message. */
  | { readonly kind: 'none' }

/**
 * Reads a CloudEvent in any mode of the HTTP binding from a request or an answer. `rawHeaders` is Node's flat list,
 * which still shows what was sent twice. Throws INVALID_EVENT, naming the attribute, or UNSUPPORTED_MEDIA_TYPE.
 */
export function decodeHttp(rawHeaders: readonly string[], body: Uint8Array): Decoded {
  let contentType: string | undefined
  let attributes: Map<string, AttributeValue> | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] ?? ''
    const value = rawHeaders[i + 1] ?? ''
    if (isCloudEventHeader(header)) {
      attributes ??= new Map()
      setAttribute(attributes, header.slice(3).toLowerCase(), value)
    } else if (header.length === 12 && header.toLowerCase() === 'content-type') {
      if (contentType !== undefined) throw new SluiceError('INVALID_EVENT', 'content-type is given more than once')
      contentType = value
    }
  }
  if (contentType !== undefined && cloudEventsType.test(contentType)) return decodeFormat(contentType, body)
  if (attributes === undefined) return { kind: 'none' }
  if (contentType !== undefined) attributes.set('datacontenttype', contentType)
  const data = body.length === 0 ? undefined : body
  return { kind: 'event', mode: 'binary', event: checkEvent({ attributes, data }) }
}

const cloudEventsType = /^application\/cloudevents/i

function isCloudEventHeader(header: string): boolean {
  const [c, e] = [header.charCodeAt(0) | 0x20, header.charCodeAt(1) | 0x20]
  return c === 0x63 && e === 0x65 && header.charCodeAt(2) === 0x2d
}

function setAttribute(attributes: Map<string, AttributeValue>, name: string, value: string): void {
  checkName(name)
  if (name === 'datacontenttype') throw wrong(name, 'travels as content-type, not as a ce- header')
  if (attributes.has(name)) throw wrong(name, 'is given more than once')
  attributes.set(name, decodeHeaderValue(name, value))
}

function decodeFormat(contentType: string, body: Uint8Array): Decoded {
  const mediaType = parseMediaType(contentType)
  const charset = mediaType?.parameters.get('charset')?.toLowerCase() ?? 'utf-8'
  if (mediaType !== undefined && (charset === 'utf-8' || charset === 'utf8')) {
    switch (mediaType.essence) {
      case 'application/cloudevents+json':
        return { kind: 'event', mode: 'structured', event: decodeStructured(body) }
      case 'application/cloudevents-batch+json':
        return { kind: 'batch', events: decodeBatch(body) }
    }
  }
  throw new SluiceError(
    'UNSUPPORTED_MEDIA_TYPE',
    'of the CloudEvents formats, application/cloudevents+json and application/cloudevents-batch+json in UTF-8 are understood'
  )
}
