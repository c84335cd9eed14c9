import { toSluiceError } from '../errors.ts'
import { checkName } from './attribute-name.ts'
import { checkValue } from './attribute-value.ts'
import { decodeBase64 } from './base64.ts'
import { checkEvent } from './check-event.ts'
import { dataViewOf, failed, labelOf, type DataView } from './data-view.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { isJsonMediaType } from './media-type.ts'

/**
 * The event as the object that expressions see: its attributes, and `data`: the parsed JSON, the text, or else
 * `data_base64`. Throws EXPRESSION_FAILED when the data claims to be JSON and is not, or is nested too deep.
 */
export const toJson = (event: CloudEvent): Record<string, unknown> => viewOf(event, Infinity).view

/** An event, as expressions see it. */
export interface EventView extends Omit<DataView, 'members'> {
  readonly view: Record<string, unknown>
}

/** The view of an event; data of more octets than `parsedHere` is left to whoever needs it. Throws as `toJson` does. */
export function viewOf(event: CloudEvent, parsedHere: number): EventView {
  const { members, late, opaque } = dataViewOf(event, parsedHere)
  return { view: { ...Object.fromEntries(event.attributes), ...members }, late, opaque }
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
  const { members } = dataViewOf(base, Infinity)
  return members.data !== undefined && JSON.stringify(members.data) === JSON.stringify(data)
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

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
