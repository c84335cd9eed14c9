import { isUtf8 } from 'node:buffer'
import { SluiceError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'
import { checkName } from './attribute-name.ts'
import { checkCharacters } from './attribute-value.ts'
import { checkEvent } from './check-event.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { isJsonText } from './json-text.ts'

/** Fields of an entry of a stream, as a flat list of names and values. */
export type EntryFields = readonly (string | Buffer)[]

const prefix = 'ce_'

/** These are of the entry itself, whatever its fields say. */
const own: ReadonlySet<string> = new Set(['id', 'source', 'specversion'])

/** An event as an entry: its data, its content type, and each attribute with a prefix. */
export function entryOf({ attributes, data }: CloudEvent): EntryFields {
  const fields: (string | Buffer)[] = ['data', data === undefined ? '' : asBuffer(data)]
  for (const [name, value] of attributes) {
    if (name === 'datacontenttype') fields.push('content-type', String(value))
    else fields.push(prefix + name, String(value))
  }
  return fields
}

export interface EntryPlace {
  readonly id: string
  readonly source: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of the data. */
  readonly maxBytes: number
}

/**
 * The event that an entry is: JSON if the data is JSON, else text or octets, unless the entry says what it is. Throws
 * INVALID_EVENT.
 */
export function eventOfEntry(fields: readonly (readonly [string, Buffer])[], place: EntryPlace): CloudEvent {
  const data = fields.find(([name]) => name === 'data')?.[1]
  if (data === undefined) throw new SluiceError('INVALID_EVENT', 'the entry has no field "data"')
  if (data.length > place.maxBytes) {
    const message = `the data of the entry has ${data.length} bytes; limits.maxBodyBytes allows ${place.maxBytes}`
    throw new SluiceError('INVALID_EVENT', message)
  }
  const attributes = plainAttributes(place)
  attributes.set('datacontenttype', typeOf(data))
  for (const [name, value] of fields) {
    const attribute = attributeName(name)
    if (attribute === undefined || own.has(attribute)) continue
    checkName(attribute)
    attributes.set(attribute, checkCharacters(attribute, value.toString()))
  }
  return checkEvent({ attributes, data })
}

/** The event that stands for an entry which is not an event. */
export const eventOfPoison = (place: EntryPlace): CloudEvent => ({
  attributes: plainAttributes(place),
  data: undefined
})

const plainAttributes = ({ id, source, at }: EntryPlace): Map<string, AttributeValue> =>
  new Map([
    ['specversion', '1.0'],
    ['id', id],
    ['source', source],
    ['type', 'dev.sluice.request'],
    ['time', new Date(at).toISOString()]
  ])

function attributeName(field: string): string | undefined {
  if (field === 'content-type') return 'datacontenttype'
  return field.startsWith(prefix) ? field.slice(prefix.length) : undefined
}

function typeOf(data: Buffer): string {
  if (isJsonText(data)) return 'application/json'
  return isUtf8(data) ? 'text/plain; charset=utf-8' : 'application/octet-stream'
}
