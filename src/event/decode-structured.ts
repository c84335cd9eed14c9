import { isUtf8 } from 'node:buffer'
import { SluiceError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'
import { attributeFault, shown } from './attribute-fault.ts'
import { checkName } from './attribute-name.ts'
import { checkValue } from './attribute-value.ts'
import { decodeBase64 } from './base64.ts'
import { checkEvent, maxAttributes, tooManyAttributes } from './check-event.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { JsonScanner, type Span } from './json-scanner.ts'
import { isJsonMediaType } from './media-type.ts'

/** An event in the JSON format (`application/cloudevents+json`). Throws INVALID_EVENT. */
export function decodeStructured(body: Uint8Array): CloudEvent {
  checkUtf8(body)
  const scanner = new JsonScanner(body)
  const event = readEvent(scanner, body)
  scanner.end()
  return event
}

/** Events in the JSON batch format. Throws INVALID_EVENT, naming the index, or BODY_TOO_LARGE for more than `max`. */
export function decodeBatch(body: Uint8Array, max: number): CloudEvent[] {
  checkUtf8(body)
  const scanner = new JsonScanner(body)
  const events: CloudEvent[] = []
  scanner.eachElement(() => {
    if (events.length === max)
      throw new SluiceError('BODY_TOO_LARGE', `the batch has more than the ${max} events of limits.maxBatch`)
    try {
      events.push(readEvent(scanner, body))
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown
      throw invalid(`event ${events.length} of the batch: ${thrown.message}`, thrown)
    }
  })
  scanner.end()
  return events
}

function readEvent(scanner: JsonScanner, json: Uint8Array): CloudEvent {
  const attributes = new Map<string, AttributeValue>()
  const names = new Set<string>()
  let data: Span | undefined
  let base64: Span | undefined
  scanner.eachMember(name => {
    if (names.has(name)) throw invalid(`the member ${shown(name)} is given twice`)
    if (names.add(name).size > maxAttributes + 2) throw tooManyAttributes()
    if (name === 'data') data = scanner.value()
    else if (name === 'data_base64') base64 = scanner.value()
    else readAttribute(attributes, name, scanner, json)
  })
  if (data !== undefined && base64 !== undefined) {
    throw invalid('the event has both "data" and "data_base64"; one of them is allowed')
  }
  if (base64 !== undefined) return checkEvent({ attributes, data: base64Data('data_base64', json, base64) })
  return checkEvent({ attributes, data: data && dataOf(attributes, json, data) })
}

function readAttribute(
  attributes: Map<string, AttributeValue>,
  name: string,
  scanner: JsonScanner,
  json: Uint8Array
): void {
  checkName(name)
  if (scanner.atString()) {
    attributes.set(name, checkValue(name, scanner.string()))
    return
  }
  const text = textOf(json, scanner.value())
  if (text === 'null') return
  if (!typed.test(text)) {
    throw attributeFault(name, `must be a string, a boolean or a 32-bit integer, found ${shown(text)}`)
  }
  attributes.set(name, checkValue(name, JSON.parse(text)))
}

/** The values that have their own type in the JSON format (section 2.2): no fraction, no exponent, 32 bits. */
const typed = /^(?:true|false|-?\d{1,10})$/

/**
 * The octets of `data` as they stand. Where the media type says that the data is not JSON, a JSON string is only the
 * wrapping of its text (JSON format section 3.1); without a media type it is JSON, which other modes must spell out.
 */
function dataOf(attributes: Map<string, AttributeValue>, json: Uint8Array, span: Span): Uint8Array {
  const isString = json[span.start] === quote
  if (isString && isBase64OfVersion03(attributes)) {
    attributes.delete('datacontentencoding')
    return base64Data('data', json, span)
  }
  const contentType = attributes.get('datacontenttype')
  if (contentType === undefined) attributes.set('datacontenttype', 'application/json')
  const isJson = contentType === undefined || isJsonMediaType(String(contentType))
  if (isJson || !isString) return json.subarray(span.start, span.end)
  const text = stringOf(json, span)
  if (!text.isWellFormed()) throw invalid('"data" has a lone surrogate, which is no text')
  return Buffer.from(text)
}

/** In place of `data_base64`, version 0.3 had an attribute that means nothing outside of the JSON format. */
const isBase64OfVersion03 = (attributes: ReadonlyMap<string, AttributeValue>): boolean =>
  attributes.get('specversion') === '0.3' && attributes.get('datacontentencoding') === 'base64'

function base64Data(member: string, json: Uint8Array, span: Span): Uint8Array {
  const data = json[span.start] === quote ? decodeBase64(stringOf(json, span)) : undefined
  if (data === undefined) throw invalid(`${shown(member)} must be a string of padded base64 and nothing else`)
  return data
}

const quote = 0x22

const stringOf = (json: Uint8Array, span: Span): string => JSON.parse(textOf(json, span)) as string
const textOf = (json: Uint8Array, { start, end }: Span): string => asBuffer(json).toString('utf8', start, end)

function checkUtf8(body: Uint8Array): void {
  if (!isUtf8(body)) throw invalid('the event is not valid UTF-8')
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
    throw invalid('the event begins with a byte order mark, which JSON does not allow')
  }
}

const invalid = (message: string, cause?: unknown): SluiceError => new SluiceError('INVALID_EVENT', message, { cause })
