import { SluiceError } from '../errors.ts'
import { attributeFault, shown } from './attribute-fault.ts'
import { checkName } from './attribute-name.ts'
import { checkCharacters } from './attribute-value.ts'
import { checkEvent } from './check-event.ts'
import { decodeBatch, decodeStructured } from './decode-structured.ts'
import { beginsWithMediaType, charsetOf, essenceOf } from './essence.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { decodeHeaderValue } from './header-value.ts'
import { isCloudEventsMediaType } from './media-type.ts'
import { trimmed } from './trimmed.ts'

/** The contents of an HTTP message. */
export type Decoded =
  | { readonly kind: 'event'; readonly mode: 'binary' | 'structured'; readonly event: CloudEvent }
  | { readonly kind: 'batch'; readonly events: readonly CloudEvent[] }
  /** Neither a `ce-` header nor a CloudEvents media type: a plain message. */
  | { readonly kind: 'none' }

/**
 * Reads a CloudEvent in any mode of the HTTP binding from a request or an answer. `rawHeaders` is Node's flat list,
 * which still shows what was sent twice. A CloudEvents media type decides over `ce-` headers, which then count for
 * nothing. Throws INVALID_EVENT, naming the attribute, UNSUPPORTED_MEDIA_TYPE, or BODY_TOO_LARGE for a batch of more
 * than `maxBatch` events.
 */
export function decodeHttp(rawHeaders: readonly string[], body: Uint8Array, maxBatch = Infinity): Decoded {
  const contentType = contentTypeOf(rawHeaders)
  if (contentType !== undefined && isCloudEventsMediaType(contentType)) return decodeFormat(contentType, body, maxBatch)
  const attributes = readAttributes(rawHeaders)
  if (attributes === undefined) return { kind: 'none' }
  if (contentType !== undefined) attributes.set('datacontenttype', checkCharacters('datacontenttype', contentType))
  const data = body.length === 0 ? undefined : body
  return { kind: 'event', mode: 'binary', event: checkEvent({ attributes, data }) }
}

/**
 * The media type of a plain message, to the letter. Throws UNSUPPORTED_MEDIA_TYPE for what does not even begin like
 * one.
 */
export function checkContentType(contentType: string): string {
  if (contentType === 'application/json') return contentType
  if (!beginsWithMediaType(contentType)) {
    throw new SluiceError('UNSUPPORTED_MEDIA_TYPE', `the content-type ${shown(contentType)} is not a media type`)
  }
  return checkCharacters('datacontenttype', contentType)
}

function contentTypeOf(rawHeaders: readonly string[]): string | undefined {
  let contentType: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] ?? ''
    if (header.length !== 12 || header.toLowerCase() !== 'content-type') continue
    const value = trimmed(rawHeaders[i + 1] ?? '')
    if (contentType !== undefined && contentType !== value) {
      throw new SluiceError('INVALID_EVENT', 'content-type is given more than once')
    }
    contentType = value
  }
  return contentType === '' ? undefined : contentType
}

function readAttributes(rawHeaders: readonly string[]): Map<string, AttributeValue> | undefined {
  let attributes: Map<string, AttributeValue> | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] ?? ''
    if (!isAttributeHeader(header)) continue
    const name = header.slice(3).toLowerCase()
    checkName(name)
    if (name === 'datacontenttype') throw attributeFault(name, 'travels as content-type, not as a ce- header')
    attributes ??= new Map()
    if (attributes.has(name)) throw attributeFault(name, 'is given more than once')
    attributes.set(name, decodeHeaderValue(name, trimmed(rawHeaders[i + 1] ?? '')))
  }
  return attributes
}

/** `ce-` in any case. */
const isAttributeHeader = (header: string): boolean =>
  (header.charCodeAt(0) | 0x20) === 0x63 && (header.charCodeAt(1) | 0x20) === 0x65 && header.charCodeAt(2) === 0x2d

function decodeFormat(contentType: string, body: Uint8Array, maxBatch: number): Decoded {
  const essence = essenceOf(contentType)
  const charset = charsetOf(contentType) ?? 'utf-8'
  const isUtf8 = charset === 'utf-8' || charset === 'utf8'
  if (isUtf8 && essence === 'application/cloudevents+json') {
    return { kind: 'event', mode: 'structured', event: decodeStructured(body) }
  }
  if (isUtf8 && essence === 'application/cloudevents-batch+json') {
    return { kind: 'batch', events: decodeBatch(body, maxBatch) }
  }
  throw new SluiceError(
    'UNSUPPORTED_MEDIA_TYPE',
    `${shown(contentType)} is not understood; of the CloudEvents formats, application/cloudevents+json and application/cloudevents-batch+json in UTF-8 are`
  )
}
