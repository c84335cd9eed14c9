import { isUtf8 } from 'node:buffer'
import { SluiceError } from '../errors.ts'
import { checkEvent, checkName, shown, wrong } from './attribute-rules.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { checkCharacters } from './header-value.ts'
import { scanElements, scanMembers, textOf, type Span } from './json-members.ts'
import { isJsonMediaType } from './media-type.ts'

/** An event in the JSON format (`application/cloudevents+json`). Throws INVALID_EVENT. */
export function decodeStructured(body: Uint8Array): CloudEvent {
  checkUtf8(body)
  return decodeSpan(body, { start: 0, end: body.length })
}

/** Events in the JSON batch format. Throws INVALID_EVENT, naming the index. */
export function decodeBatch(body: Uint8Array): CloudEvent[] {
  checkUtf8(body)
  return scanElements(body).map((span, index) => {
    try {
      return decodeSpan(body, span)
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown
      throw new SluiceError('INVALID_EVENT', `event ${index} of the batch: ${thrown.message}`, { cause: thrown })
    }
  })
}

function decodeSpan(json: Uint8Array, span: Span): CloudEvent {
  const attributes = new Map<string, AttributeValue>()
  let data: Span | undefined
  let base64: Span | undefined
  for (const [name, member] of scanMembers(json, span)) {
    if (name === 'data') data = member
    else if (name === 'data_base64') base64 = member
    else setAttribute(attributes, name, json, member)
  }
  if (data !== undefined && base64 !== undefined) {
    throw new SluiceError('INVALID_EVENT', 'the event has both "data" and "data_base64"; one of them is allowed')
  }
  if (base64 !== undefined) return checkEvent({ attributes, data: decodeBase64(json, base64) })
  return checkEvent({ attributes, data: data && decodeData(attributes, json, data) })
}

function setAttribute(attributes: Map<string, AttributeValue>, name: string, json: Uint8Array, span: Span): void {
  checkName(name)
  const first = json[span.start]
  if (first === 0x7b || first === 0x5b) throw wrong(name, 'must be a string, a boolean or an integer')
  const value: unknown = JSON.parse(textOf(json, span))
  if (value === null) return
  attributes.set(name, checkedValue(name, value))
}

/** Booleans and 32-bit integers keep their JSON type; every other number is none that CloudEvents knows. */
function checkedValue(name: string, value: unknown): AttributeValue {
  if (typeof value === 'string') return checkCharacters(name, value)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) return value
  throw wrong(name, `must be a string, a boolean or a 32-bit integer, found ${shown(value)}`)
}

/**
 * The octets of `data` as they stand. Where the media type says that the data is not JSON, a JSON string is only the
 * wrapping of its text (JSON format section 3.1); without a media type it is JSON, which other modes must spell out.
 */
function decodeData(attributes: Map<string, AttributeValue>, json: Uint8Array, span: Span): Uint8Array {
  const contentType = attributes.get('datacontenttype')
  if (contentType === undefined) attributes.set('datacontenttype', 'application/json')
  const isJson = contentType === undefined || isJsonMediaType(String(contentType))
  if (isJson || json[span.start] !== 0x22) return json.subarray(span.start, span.end)
  const text = JSON.parse(textOf(json, span)) as string
  if (!text.isWellFormed()) throw new SluiceError('INVALID_EVENT', '"data" has a lone surrogate, which is no text')
  return Buffer.from(text)
}

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function decodeBase64(json: Uint8Array, span: Span): Uint8Array {
  const text: unknown = json[span.start] === 0x22 ? JSON.parse(textOf(json, span)) : undefined
  if (typeof text !== 'string' || !base64Pattern.test(text)) {
    throw new SluiceError('INVALID_EVENT', '"data_base64" must be a string of base64')
  }
  return Buffer.from(text, 'base64')
}

function checkUtf8(body: Uint8Array): void {
  if (!isUtf8(body)) throw new SluiceError('INVALID_EVENT', 'the event is not valid UTF-8')
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
    throw new SluiceError('INVALID_EVENT', 'the event begins with a byte order mark, which JSON does not allow')
  }
}
