import type { IncomingMessage } from 'node:http'
import { SluiceError } from '../errors.ts'
import { isIdentity } from '../event/content-coding.ts'
import { checkContentType, decodeHttp, type Decoded } from '../event/decode.ts'
import { isoTime } from '../event/iso-time.ts'
import { jsonDepthExceeds, maxJsonDepth } from '../event/json-depth.ts'
import type { AttributeValue, CloudEvent } from '../event/event.ts'
import { isJsonMediaType } from '../event/media-type.ts'
import { trimmed } from '../event/trimmed.ts'
import type { RequestHeaders } from './request-headers.ts'

/** The attributes with which a plain HTTP request becomes an event. */
export interface PlainIdentity {
  readonly id: string
  /** `/{namespace}/{pipeline}`. */
  readonly source: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The event that a request carries, or is. Throws INVALID_EVENT, INVALID_REQUEST or UNSUPPORTED_MEDIA_TYPE. */
export function receiveEvent(
  incoming: IncomingMessage,
  headers: RequestHeaders,
  body: Uint8Array,
  identity: PlainIdentity
): CloudEvent {
  const decoded = decodeHttp(incoming.rawHeaders, body)
  const event = eventOf(decoded, headers.get('content-type'), body, identity)
  checkDepth(event)
  return event
}

/** The events of a batch, of which there may be `max`. Throws as `receiveEvent` does, or BODY_TOO_LARGE. */
export function receiveBatch(incoming: IncomingMessage, body: Uint8Array, max: number): readonly CloudEvent[] {
  const decoded = decodeHttp(incoming.rawHeaders, body, max)
  if (decoded.kind !== 'batch') throw new SluiceError('UNSUPPORTED_MEDIA_TYPE', 'this is no batch of CloudEvents')
  decoded.events.forEach(checkDepth)
  return decoded.events
}

function eventOf(
  decoded: Decoded,
  contentType: string | undefined,
  body: Uint8Array,
  identity: PlainIdentity
): CloudEvent {
  switch (decoded.kind) {
    case 'event':
      return decoded.event
    case 'batch':
      throw new SluiceError('UNSUPPORTED_MEDIA_TYPE', 'one event is expected here, not a batch')
    case 'none':
      return plainEvent(contentType ?? '', body, identity)
  }
}

/** Refuses an encoding before the body is read: nothing here decompresses. */
export function checkEncoding(headers: RequestHeaders): void {
  const encoding = headers.get('content-encoding')
  if (encoding === undefined || isIdentity(encoding)) return
  throw new SluiceError('UNSUPPORTED_MEDIA_TYPE', `content-encoding is not accepted; send the body as it is`)
}

function plainEvent(contentType: string, body: Uint8Array, { id, source, now }: PlainIdentity): CloudEvent {
  const label = trimmed(contentType)
  const attributes = new Map<string, AttributeValue>()
  attributes.set('specversion', '1.0').set('id', id).set('source', source).set('type', 'dev.sluice.request')
  attributes.set('time', isoTime(now()))
  if (label !== '') attributes.set('datacontenttype', checkContentType(label))
  return { attributes, data: body.length === 0 ? undefined : body }
}

/**
 * JSON nested so deep is an attack on whoever parses it. A level takes two octets, so that most bodies are too short
 * for it and cost nothing.
 */
function checkDepth({ attributes, data }: CloudEvent): void {
  if (data === undefined || data.length <= 2 * maxJsonDepth) return
  const contentType = attributes.get('datacontenttype')
  if (typeof contentType !== 'string' || !isJsonMediaType(contentType)) return
  if (jsonDepthExceeds(data, maxJsonDepth)) {
    throw new SluiceError('INVALID_REQUEST', `the JSON data is nested deeper than ${maxJsonDepth} levels`)
  }
}
