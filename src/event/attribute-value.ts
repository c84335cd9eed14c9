import { attributeFault, shown } from './attribute-fault.ts'
import type { AttributeValue } from './event.ts'

/** The value as an attribute can have it: text, a boolean or a 32-bit integer. Throws INVALID_EVENT for any other. */
export function checkValue(name: string, value: unknown): AttributeValue {
  if (typeof value === 'string') return checkCharacters(name, value)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number' && (value | 0) === value) return value | 0
  throw attributeFault(name, `must be a string, a boolean or a 32-bit integer, found ${shown(value)}`)
}

/** More than the whole head of most HTTP servers takes, where it travels in binary mode. */
const maxLength = 16_384

/** CloudEvents text has no control characters, no noncharacters and no lone surrogates (section 3.1, String). */
export function checkCharacters(name: string, text: string): string {
  if (text.length > maxLength) throw attributeFault(name, `is longer than ${maxLength} characters`)
  if (isPrintableAscii(text) || !(name === 'datacontenttype' ? notInHeaders : forbidden).test(text)) return text
  throw attributeFault(name, `has a character that CloudEvents does not allow, such as a line break: ${shown(text)}`)
}

const forbidden = /[\p{Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/u

/** The media type travels as a header and is passed on to the letter, so it may have what headers may: tabs, octets. */
const notInHeaders = /[^\t\x20-\x7e\x80-\xff]/

/** Nearly every value is, and this takes a fraction of the time of the pattern. */
function isPrintableAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code >= 0x7f) return false
  }
  return true
}
