import { isUtf8 } from 'node:buffer'
import { attributeFault, shown } from './attribute-fault.ts'
import { checkCharacters } from './attribute-value.ts'

/*
 * Header values of attributes (HTTP binding section 3.1.3.2): space, double quote, percent and everything outside
 * U+0021-U+007E are percent-encoded UTF-8. Most values are plain ASCII and come back as they are.
 */

const space = 0x20
const doubleQuote = 0x22
const percent = 0x25
const del = 0x7f

/** The value as a header carries it. */
export function encodeHeaderValue(value: string): string {
  for (let i = 0; i < value.length; i++) if (!isPlain(value.charCodeAt(i))) return encodeOctets(value)
  return value
}

const isPlain = (code: number): boolean => code > space && code < del && code !== doubleQuote && code !== percent

const encodedOctet = Array.from({ length: 256 }, (_, octet) =>
  isPlain(octet) ? String.fromCharCode(octet) : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
)

function encodeOctets(value: string): string {
  let encoded = ''
  for (const octet of Buffer.from(value)) encoded += encodedOctet[octet]
  return encoded
}

/**
 * The value of the attribute `name` in a header as Node gives it, a character for each octet. A "%" without two
 * hexadecimal digits is refused: a sender must encode it, so that it shows a sender who encodes nothing. Throws
 * INVALID_EVENT.
 */
export function decodeHeaderValue(name: string, header: string): string {
  for (let i = 0; i < header.length; i++) {
    const code = header.charCodeAt(i)
    if (!isPlain(code) && code !== space) return decodeOctets(name, header)
  }
  return header
}

function decodeOctets(name: string, header: string): string {
  const unquoted = unquote(name, header)
  const octets = Buffer.allocUnsafe(unquoted.length)
  let size = 0
  for (let i = 0; i < unquoted.length; i++) {
    let octet = unquoted.charCodeAt(i)
    if (octet > 0xff) throw attributeFault(name, `has a character that no header can carry: ${shown(header)}`)
    if (octet === percent) {
      octet = hexDigit(unquoted.charCodeAt(i + 1)) * 16 + hexDigit(unquoted.charCodeAt(i + 2))
      if (Number.isNaN(octet)) {
        throw attributeFault(
          name,
          `has a "%" without two hexadecimal digits, a plain one is written %25: ${shown(header)}`
        )
      }
      i += 2
    }
    octets[size++] = octet
  }
  const text = octets.subarray(0, size)
  if (!isUtf8(text)) throw attributeFault(name, `is not valid UTF-8: ${shown(header)}`)
  return checkCharacters(name, text.toString())
}

/** A value in double quotes is a quoted string (RFC 9110 section 5.6.4), as older senders write it. */
function unquote(name: string, header: string): string {
  if (header.charCodeAt(0) !== doubleQuote) return header
  const match = /^"((?:[^"\\]|\\.)*)"$/s.exec(header)
  if (match === null) throw attributeFault(name, `begins with a quote and is no quoted string: ${shown(header)}`)
  return (match[1] ?? '').replace(/\\(.)/gs, '$1')
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN
}
