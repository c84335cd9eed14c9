import { shown, wrong } from './attribute-rules.ts'

/*
 * Header values of attributes (HTTP binding section 3.1.3.2): space, double quote, percent and everything outside
 * U+0021-U+007E are percent-encoded UTF-8.
 */

const encoder = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Most values are plain ASCII and come back as they are. */
export function encodeHeaderValue(value: string): string {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code <= 0x20 || code >= 0x7f || code === 0x22 || code === 0x25) return encodeSlowly(value)
  }
  return value
}

function encodeSlowly(value: string): string {
  let encoded = ''
  for (const byte of encoder.encode(value)) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x25
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

/** The value of the attribute `name` in a header as Node gives it, a character for each octet. Throws INVALID_EVENT. */
export function decodeHeaderValue(name: string, header: string): string {
  for (let i = 0; i < header.length; i++) {
    const code = header.charCodeAt(i)
    if (code < 0x20 || code >= 0x7f || code === 0x22 || code === 0x25) return decodeSlowly(name, header)
  }
  return header
}

function decodeSlowly(name: string, header: string): string {
  const unquoted = unquote(name, header)
  const bytes = Buffer.allocUnsafe(unquoted.length)
  let size = 0
  for (let i = 0; i < unquoted.length; i++) {
    let byte = unquoted.charCodeAt(i)
    if (byte === 0x25) {
      const hex = unquoted.slice(i + 1, i + 3)
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) throw wrong(name, `has a "%" without two hexadecimal digits: ${shown(header)}`)
      byte = Number.parseInt(hex, 16)
      i += 2
    }
    bytes[size++] = byte
  }
  return checkCharacters(name, decodeUtf8(name, bytes.subarray(0, size)))
}

/** A value in double quotes is a quoted string (RFC 9110 section 5.6.4) and is unquoted first. */
function unquote(name: string, header: string): string {
  if (!header.startsWith('"')) return header
  const match = /^"((?:[^"\\]|\\.)*)"$/s.exec(header)
  if (match === null) throw wrong(name, `has an unfinished quoted string: ${shown(header)}`)
  return (match[1] ?? '').replace(/\\(.)/gs, '$1')
}

function decodeUtf8(name: string, bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    throw wrong(name, 'is not valid UTF-8')
  }
}

const forbidden = /[\p{Control}\p{Noncharacter_Code_Point}]/u

/** CloudEvents strings hold no control characters, no noncharacters and no lone surrogates (section 3.1, String). */
export function checkCharacters(name: string, value: string): string {
  if (forbidden.test(value) || !value.isWellFormed()) {
    throw wrong(name, 'has a character that CloudEvents does not allow, such as a line break')
  }
  return value
}
