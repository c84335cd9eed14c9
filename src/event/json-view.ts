import { isUtf8 } from 'node:buffer'
import { SluiceError, toSluiceError } from '../errors.ts'
import { checkEvent, checkName } from './attribute-rules.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { checkCharacters } from './header-value.ts'
import { jsonDepthExceeds, maxJsonDepth } from './json-depth.ts'
import { isJsonMediaType } from './media-type.ts'

/**
 * The event as the object that expressions see: its attributes, and `data`: the parsed JSON, the text, or else
 * `data_base64`. Throws EXPRESSION_FAILED when the data claims to be JSON and is not, or is nested too deep.
 */
export function toJson({ attributes, data }: CloudEvent): Record<string, unknown> {
  const view: Record<string, unknown> = Object.fromEntries(attributes)
  if (data === undefined) return view
  const contentType = String(attributes.get('datacontenttype') ?? '')
  if (isJsonMediaType(contentType)) view['data'] = parseData(data)
  else if (/^text\//i.test(contentType) && isUtf8(data)) view['data'] = Buffer.from(data).toString()
  else view['data_base64'] = Buffer.from(data).toString('base64')
  return view
}

/**
 * What an expression made of `base`: an object with `specversion` is the event itself, anything else is the data.
 * Throws EXPRESSION_FAILED for what is neither.
 */
export function fromJson(value: unknown, base: CloudEvent): CloudEvent {
  if (value === undefined) throw new SluiceError('EXPRESSION_FAILED', 'the expression gave nothing')
  if (isObject(value) && Object.hasOwn(value, 'specversion')) return eventFrom(value)
  const attributes = new Map(base.attributes).set('datacontenttype', 'application/json')
  return { attributes, data: Buffer.from(JSON.stringify(value)) }
}

function parseData(data: Uint8Array): unknown {
  if (jsonDepthExceeds(data, maxJsonDepth)) {
    throw new SluiceError('EXPRESSION_FAILED', `the data is nested deeper than ${maxJsonDepth} levels`)
  }
  try {
    return JSON.parse(Buffer.from(data).toString())
  } catch (cause) {
    throw new SluiceError('EXPRESSION_FAILED', 'the data is declared as JSON and is not', { cause })
  }
}

function eventFrom(object: Record<string, unknown>): CloudEvent {
  const { data, data_base64: base64, ...rest } = object
  const attributes = new Map<string, AttributeValue>()
  try {
    for (const [name, value] of Object.entries(rest)) {
      checkName(name)
      if (typeof value === 'string') attributes.set(name, checkCharacters(name, value))
      else if (typeof value === 'number' || typeof value === 'boolean') attributes.set(name, value)
    }
    return checkEvent({ attributes, data: dataFrom(attributes, data, base64) })
  } catch (thrown) {
    const { message } = toSluiceError(thrown)
    throw new SluiceError('EXPRESSION_FAILED', `the expression gave an event that is not valid: ${message}`, {
      cause: thrown
    })
  }
}

function dataFrom(attributes: Map<string, AttributeValue>, data: unknown, base64: unknown): Uint8Array | undefined {
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64')
  if (data === undefined) return undefined
  const contentType = attributes.get('datacontenttype')
  if (contentType === undefined) attributes.set('datacontenttype', 'application/json')
  else if (!isJsonMediaType(String(contentType)) && typeof data === 'string') return Buffer.from(data)
  return Buffer.from(JSON.stringify(data))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
