import { isUtf8 } from 'node:buffer'
import { SluiceError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'
import { essenceOf } from './essence.ts'
import type { CloudEvent } from './event.ts'
import { jsonDepthExceeds, maxJsonDepth } from './json-depth.ts'
import { isJsonMediaType, isTextMediaType } from './media-type.ts'

/** The data of an event, as expressions see it. */
export interface DataView {
  /** `data` or `data_base64`; neither: there is none, or it is late. */
  readonly members: { readonly data?: unknown; readonly data_base64?: string }
  /** Text that may be JSON, and is too large to be parsed here: it is to become `data`. */
  readonly late: { readonly octets: Uint8Array; readonly declared: boolean } | undefined
  /** The data is not JSON. */
  readonly opaque: boolean
}

/** The part of an event's view that is its data; data of more octets than `parsedHere` is late. Throws EXPRESSION_FAILED. */
export function dataViewOf(event: CloudEvent, parsedHere: number): DataView {
  const { data } = event
  if (data === undefined) return { members: {}, late: undefined, opaque: false }
  const declared = event.dataIsJson === true || isJsonMediaType(labelOf(event) ?? '')
  if (declared) checkJson(data)
  else if (!mayBeText(event) || !isUtf8(data)) return { members: base64Of(data), late: undefined, opaque: true }
  else if (jsonDepthExceeds(data, maxJsonDepth)) return { members: textOf(event, data), late: undefined, opaque: true }
  if (data.length > parsedHere) return { members: {}, late: { octets: data, declared }, opaque: false }
  const parsed = parseJson(data)
  if (parsed !== undefined) return { members: { data: parsed.value }, late: undefined, opaque: false }
  if (declared) throw failed('the data is declared as JSON and is not')
  return { members: textOf(event, data), late: undefined, opaque: true }
}

/** The content type of the data; `undefined`: it has none. */
export function labelOf({ attributes }: CloudEvent): string | undefined {
  const label = attributes.get('datacontenttype')
  return label === undefined ? undefined : String(label)
}

const textOf = (event: CloudEvent, data: Uint8Array): DataView['members'] =>
  labelOf(event) === undefined ? base64Of(data) : { data: asBuffer(data).toString() }

/** Data that is neither JSON nor labelled as text. */
const base64Of = (data: Uint8Array): DataView['members'] => ({ data_base64: asBuffer(data).toString('base64') })

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

export const failed = (message: string, cause?: unknown): SluiceError =>
  new SluiceError('EXPRESSION_FAILED', message, { cause })
