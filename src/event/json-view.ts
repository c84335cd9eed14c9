import { isUtf8 } from 'node:buffer'
import { SluiceError, toSluiceError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'
import { checkName } from './attribute-name.ts'
import { checkValue } from './attribute-value.ts'
import { decodeBase64 } from './base64.ts'
import { checkEvent } from './check-event.ts'
import { essenceOf } from './essence.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { jsonDepthExceeds, maxJsonDepth } from './json-depth.ts'
import { isJsonMediaType, isTextMediaType } from './media-type.ts'

/**
 * The event as the object that expressions see: its attributes, and `data`: the parsed JSON, the text, or else
 * `data_base64`. Throws EXPRESSION_FAILED when the data claims to be JSON and is not, or is nested too deep.
 */
export const toJson = (event: CloudEvent): Record<string, unknown> => viewOf(event, Infinity).view

/** An event, as expressions see it. */
export interface EventView {
  readonly view: Record<string, unknown>
  /** Text that may be JSON, and is too large to be parsed here: it is to become `data`. */
  readonly late: { readonly octets: Uint8Array; readonly declared: boolean } | undefined
  /** The data is not JSON. */
  readonly opaque: boolean
}

/** The view of an event; data of more octets than `parsedHere` is left to whoever needs it. Throws as `toJson` does. */
export function viewOf(event: CloudEvent, parsedHere: number): EventView {
  const view: Record<string, unknown> = Object.fromEntries(event.attributes)
  const { data } = event
  if (data === undefined) return { view, late: undefined, opaque: false }
  const declared = event.dataIsJson === true || isJsonMediaType(labelOf(event) ?? '')
  if (declared) checkJson(data)
  else if (!mayBeText(event) || !isUtf8(data)) return { view: withBase64(view, data), late: undefined, opaque: true }
  else if (jsonDepthExceeds(data, maxJsonDepth))
    return { view: withText(event, view, data), late: undefined, opaque: true }
  if (data.length > parsedHere) return { view, late: { octets: data, declared }, opaque: false }
  const parsed = parseJson(data)
  if (parsed !== undefined) return { view: { ...view, data: parsed.value }, late: undefined, opaque: false }
  if (declared) throw failed('the data is declared as JSON and is not')
  return { view: withText(event, view, data), late: undefined, opaque: true }
}

/**
 * The event that an expression made of `base`: an object with `specversion` is the event itself, anything else is the
 * data. Throws EXPRESSION_FAILED for what is neither.
 */
export function fromJson(value: unknown, base: CloudEvent): CloudEvent {
  if (value === undefined) throw failed('the expression gave nothing')
  if (isObject(value) && value['specversion'] !== undefined) return eventFrom(value, base)
  return withJson(jsonOf(value), base)
}

/** The event with other data, which is JSON. */
export const withJson = (data: Uint8Array, { attributes }: CloudEvent): CloudEvent => ({
  attributes: new Map(attributes).set('datacontenttype', 'application/json'),
  data
})

/** The content type of the data; `undefined`: it has none. */
export function labelOf({ attributes }: CloudEvent): string | undefined {
  const label = attributes.get('datacontenttype')
  return label === undefined ? undefined : String(label)
}

const withText = (event: CloudEvent, view: Record<string, unknown>, data: Uint8Array): Record<string, unknown> =>
  labelOf(event) === undefined ? withBase64(view, data) : { ...view, data: asBuffer(data).toString() }

/** Data that is neither JSON nor labelled as text. */
const withBase64 = (view: Record<string, unknown>, data: Uint8Array): Record<string, unknown> => ({
  ...view,
  data_base64: asBuffer(data).toString('base64')
})

function checkJson(data: Uint8Array): void {
  if (jsonDepthExceeds(data, maxJsonDepth)) throw failed(`the data is nested deeper than ${maxJsonDepth} levels`)
  if (!isUtf8(data)) throw failed('the data is declared as JSON and is not valid UTF-8')
}

/** `undefined`: it is not JSON. */
function parseJson(data: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(asBuffer(data).toString()) }
  } catch {
    return undefined
  }
}

/** Data that is JSON where it parses, as it is often mislabelled. */
function mayBeText(event: CloudEvent): boolean {
  const label = labelOf(event)
  return label === undefined || isTextMediaType(label) || essenceOf(label) === 'application/x-www-form-urlencoded'
}
function eventFrom({ data, data_base64: base64, ...members }: Record<string, unknown>, base: CloudEvent): CloudEvent {
  const attributes = new Map<string, AttributeValue>()
  try {
    for (const [name, value] of Object.entries(members)) {
      checkName(name)
      if (value !== undefined && value !== null) attributes.set(name, checkValue(name, value))
    }
    if (base64 === undefined && isUnchanged(data, attributes, base)) return checkEvent({ ...base, attributes })
    return checkEvent({
      attributes,
      data: base64 === undefined ? dataFrom(attributes, data) : base64From(base64, data)
    })
  } catch (thrown) {
    throw failed(`the expression gave an event that is not valid: ${toSluiceError(thrown).message}`, thrown)
  }
}

/**
 * Data that is JSON without saying so stays as it is, to the octet and in its label, when only attributes were changed.
 */
function isUnchanged(data: unknown, attributes: ReadonlyMap<string, AttributeValue>, base: CloudEvent): boolean {
  const label = labelOf(base)
  if (data === undefined || base.data === undefined || attributes.get('datacontenttype') !== label) return false
  if (isJsonMediaType(label ?? '')) return false
  const { view } = viewOf(base, Infinity)
  return view['data'] !== undefined && JSON.stringify(view['data']) === JSON.stringify(data)
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
