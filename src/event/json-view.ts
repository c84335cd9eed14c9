import { isUtf8 } from 'node:buffer'
import { SluiceError, toSluiceError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'
import { checkName } from './attribute-name.ts'
import { checkValue } from './attribute-value.ts'
import { decodeBase64 } from './base64.ts'
import { checkEvent } from './check-event.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { jsonDepthExceeds, maxJsonDepth } from './json-depth.ts'
import { isJsonMediaType, isTextMediaType } from './media-type.ts'

/**
 * The event as the object that expressions see: its attributes, and `data`: the parsed JSON, the text, or else
 * `data_base64`. Throws EXPRESSION_FAILED when the data claims to be JSON and is not, or is nested too deep.
 */
export function toJson({ attributes, data }: CloudEvent): Record<string, unknown> {
  const view: Record<string, unknown> = Object.fromEntries(attributes)
  if (data === undefined) return view
  const contentType = String(attributes.get('datacontenttype') ?? '')
  if (isJsonMediaType(contentType)) view['data'] = parseData(data)
  else if (isTextMediaType(contentType) && isUtf8(data)) view['data'] = asBuffer(data).toString()
  else view['data_base64'] = asBuffer(data).toString('base64')
  return view
}

/**
 * What an expression made of `base`: an object with `specversion` is the event itself, anything else is the data.
 * Throws EXPRESSION_FAILED for what is neither.
 */
export function fromJson(value: unknown, base: CloudEvent): CloudEvent {
  if (value === undefined) throw failed('the expression gave nothing')
  if (isObject(value) && value['specversion'] !== undefined) return eventFrom(value)
  return { attributes: new Map(base.attributes).set('datacontenttype', 'application/json'), data: jsonOf(value) }
}

function parseData(data: Uint8Array): unknown {
  if (jsonDepthExceeds(data, maxJsonDepth)) throw failed(`the data is nested deeper than ${maxJsonDepth} levels`)
  if (!isUtf8(data)) throw failed('the data is declared as JSON and is not valid UTF-8')
  try {
    return JSON.parse(asBuffer(data).toString())
  } catch (cause) {
    throw failed('the data is declared as JSON and is not', cause)
  }
}

function eventFrom({ data, data_base64: base64, ...members }: Record<string, unknown>): CloudEvent {
  const attributes = new Map<string, AttributeValue>()
  try {
    for (const [name, value] of Object.entries(members)) {
      checkName(name)
      if (value !== undefined && value !== null) attributes.set(name, checkValue(name, value))
    }
    return checkEvent({
      attributes,
      data: base64 === undefined ? dataFrom(attributes, data) : base64From(base64, data)
    })
  } catch (thrown) {
    throw failed(`the expression gave an event that is not valid: ${toSluiceError(thrown).message}`, thrown)
  }
}

function base64From(base64: unknown, data: unknown): Uint8Array {
  if (data !== undefined) throw failed('it has both "data" and "data_base64"; one of them is allowed')
  const octets = typeof base64 === 'string' ? decodeBase64(base64) : undefined
  if (octets === undefined) throw failed('"data_base64" must be a string of base64')
  return octets
}

function dataFrom(attributes: Map<string, AttributeValue>, data: unknown): Uint8Array | undefined {
  if (data === undefined) return undefined
  const contentType = attributes.get('datacontenttype')
  if (contentType === undefined) attributes.set('datacontenttype', 'application/json')
  else if (typeof data === 'string' && !isJsonMediaType(String(contentType))) return Buffer.from(data)
  return jsonOf(data)
}

/** Functions have no JSON, and what refers to itself is endless. */
function jsonOf(value: unknown): Uint8Array {
  try {
    const json = JSON.stringify(value) as string | undefined
    if (json !== undefined) return Buffer.from(json)
  } catch (cause) {
    throw failed('the result of the expression cannot be written as JSON', cause)
  }
  throw failed('the result of the expression has no JSON')
}

const failed = (message: string, cause?: unknown): SluiceError =>
  new SluiceError('EXPRESSION_FAILED', message, { cause })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
