import { SluiceError } from '../errors.ts'
import { attributeFault, shown } from './attribute-fault.ts'
import { beginsWithMediaType } from './essence.ts'
import type { CloudEvent } from './event.ts'
import { isTimestamp } from './timestamp.ts'

/** More is an attack on whoever keeps them, not an event. */
export const maxAttributes = 128

/**
 * The event, if it keeps the rules of its version of CloudEvents (1.0 section 3, or 0.3 section 3). Throws
 * INVALID_EVENT, naming the attribute. Names and characters are checked where attributes are read.
 */
export function checkEvent(event: CloudEvent): CloudEvent {
  const { attributes } = event
  for (const name of required) {
    const value = attributes.get(name)
    if (value === undefined) throw attributeFault(name, 'is missing')
    if (typeof value !== 'string') throw attributeFault(name, `must be a string, found ${shown(value)}`)
    if (value === '') throw attributeFault(name, 'must not be empty')
  }
  for (const { name, holds, fault } of rulesOf(attributes.get('specversion'))) {
    const value = attributes.get(name)
    if (value === undefined) continue
    if (typeof value !== 'string') throw attributeFault(name, `must be a string, found ${shown(value)}`)
    if (!holds(value)) throw attributeFault(name, `${fault}: ${shown(value)}`)
  }
  if (attributes.size > maxAttributes) throw tooManyAttributes()
  return event
}

export const tooManyAttributes = (): SluiceError =>
  new SluiceError('INVALID_EVENT', `the event has more than ${maxAttributes} attributes`)

const required = ['id', 'source', 'type', 'specversion'] as const

interface Rule {
  readonly name: string
  readonly holds: (value: string) => boolean
  readonly fault: string
}

/** Deliberately without a grammar: what no URI can hold is refused, international characters are let through. */
const uriReference = /^[^\s<>"{}|\\^`]+$/
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/

const common: readonly Rule[] = [
  { name: 'source', holds: value => uriReference.test(value), fault: 'is not a URI reference' },
  { name: 'subject', holds: value => value !== '', fault: 'must not be empty when it is given' },
  {
    name: 'datacontenttype',
    holds: value => value === 'application/json' || beginsWithMediaType(value),
    fault: 'is not a media type'
  },
  { name: 'time', holds: isTimestamp, fault: 'is not an RFC 3339 timestamp' }
]
const version1: readonly Rule[] = [
  ...common,
  { name: 'dataschema', holds: value => uri.test(value), fault: 'is not a URI' }
]
const version03: readonly Rule[] = [
  ...common,
  { name: 'schemaurl', holds: value => uri.test(value), fault: 'is not a URI' }
]

function rulesOf(specversion: unknown): readonly Rule[] {
  if (specversion === '1.0') return version1
  if (specversion === '0.3') return version03
  throw attributeFault('specversion', `is ${shown(specversion)}; 1.0 and 0.3 are understood`)
}
