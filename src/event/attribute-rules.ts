import { SluiceError } from '../errors.ts'
import type { AttributeValue, CloudEvent } from './event.ts'
import { parseMediaType } from './media-type.ts'

/** The specification only recommends 20; longer names than this are no names. */
export const maxNameLength = 64
export const maxAttributes = 128

const required = ['id', 'source', 'type', 'specversion'] as const

/** Throws INVALID_EVENT, naming the attribute, for an event that breaks CloudEvents 1.0 section 3 (or 0.3's rules). */
export function checkEvent(event: CloudEvent): CloudEvent {
  const { attributes } = event
  for (const name of required) checkRequired(name, attributes.get(name))
  const version = attributes.get('specversion')
  if (version !== '1.0' && version !== '0.3')
    throw wrong('specversion', `is ${shown(version)}; 1.0 and 0.3 are understood`)
  if (attributes.size > maxAttributes) {
    throw new SluiceError('INVALID_EVENT', `the event has more than ${maxAttributes} attributes`)
  }
  for (const [name, check] of checks) {
    const value = attributes.get(name)
    if (value === undefined) continue
    if (typeof value !== 'string') throw wrong(name, `must be a string, found ${shown(value)}`)
    check(value)
  }
  return event
}

/** Throws INVALID_EVENT for what cannot be the name of an attribute. */
export function checkName(name: string): void {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) continue
    throw wrong(name, 'has a wrong name: only lower-case letters and digits are allowed')
  }
  if (name.length === 0 || name.length > maxNameLength) {
    throw wrong(name, `has a wrong name: it must have 1 to ${maxNameLength} letters and digits`)
  }
  if (name === 'data') throw wrong(name, 'is reserved: the data travels in the body')
}

/** An INVALID_EVENT about one attribute. */
export function wrong(name: string, what: string): SluiceError {
  return new SluiceError('INVALID_EVENT', `the attribute "${shorten(name)}" ${what}`)
}

/** A value as an error shows it: quoted and not too long. */
export const shown = (value: unknown): string => shorten(JSON.stringify(value) ?? String(value))

const shorten = (text: string): string => (text.length > 64 ? `${text.slice(0, 64)}…` : text)

function checkRequired(name: string, value: AttributeValue | undefined): void {
  if (value === undefined) throw wrong(name, 'is missing')
  if (typeof value !== 'string') throw wrong(name, `must be a string, found ${shown(value)}`)
  if (value === '') throw wrong(name, 'must not be empty')
}

const uriReference = /^[^\s<>"{}|\\^`]+$/
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/

const checks: readonly (readonly [name: string, check: (value: string) => void])[] = [
  ['source', value => expect(uriReference.test(value), 'source', 'is not a URI reference', value)],
  ['subject', value => expect(value !== '', 'subject', 'must not be empty when it is given', value)],
  ['dataschema', value => expect(uri.test(value), 'dataschema', 'is not a URI', value)],
  ['datacontenttype', value => expect(isMediaType(value), 'datacontenttype', 'is not a media type', value)],
  ['time', value => expect(isTimestamp(value), 'time', 'is not an RFC 3339 timestamp', value)]
]

function expect(holds: boolean, name: string, what: string, value: string): void {
  if (!holds) throw wrong(name, `${what}: ${shown(value)}`)
}

const isMediaType = (value: string): boolean => value === 'application/json' || parseMediaType(value) !== undefined

const timestamp = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** RFC 3339, leap seconds and any number of fractional digits included. */
function isTimestamp(value: string): boolean {
  const match = timestamp.exec(value)
  if (match === null) return false
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay && hour <= 23 && minute <= 59 && second <= 60
}
