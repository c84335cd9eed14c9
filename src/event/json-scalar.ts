import { jsonFault } from './json-fault.ts'

/*
 * Strings, numbers and words of JSON (RFC 8259) as octets: each function takes where one begins and tells where it
 * ends. They throw INVALID_EVENT with the offset of the fault.
 */

/** The end of the string, number, `true`, `false` or `null` that begins at `start`. */
export function endOfScalar(json: Uint8Array, start: number): number {
  const first = json[start]
  if (first === quote) return endOfString(json, start)
  return first === minus || isDigit(first) ? endOfNumber(json, start) : endOfWord(json, start)
}

/** The end of the string that begins at `start`. */
export function endOfString(json: Uint8Array, start: number): number {
  if (json[start] !== quote) throw jsonFault('a string', start)
  for (let at = start + 1; at < json.length; at++) {
    const octet = json[at] ?? 0
    if (octet === quote) return at + 1
    if (octet < 0x20) throw jsonFault('a string without a bare control character', at)
    if (octet === backslash) at = endOfEscape(json, at) - 1
  }
  throw jsonFault('the end of a string', json.length)
}

function endOfEscape(json: Uint8Array, start: number): number {
  const letter = json[start + 1] ?? 0
  const end = start + (letter === letterU ? 6 : 2)
  if (letter !== letterU && !escapes.has(letter)) throw jsonFault('a known escape', start)
  for (let at = start + 2; at < end; at++) if (!isHexDigit(json[at])) throw jsonFault('a hexadecimal digit', at)
  return end
}

function endOfNumber(json: Uint8Array, start: number): number {
  let at = json[start] === minus ? start + 1 : start
  at = json[at] === zero ? at + 1 : endOfDigits(json, at)
  if (json[at] === point) at = endOfDigits(json, at + 1)
  if (json[at] !== letterE && json[at] !== capitalE) return at
  const sign = json[at + 1]
  return endOfDigits(json, sign === plus || sign === minus ? at + 2 : at + 1)
}

function endOfDigits(json: Uint8Array, start: number): number {
  let at = start
  while (isDigit(json[at])) at++
  if (at === start) throw jsonFault('a digit', at)
  return at
}

function endOfWord(json: Uint8Array, start: number): number {
  const word = words.get(json[start] ?? 0)
  if (word === undefined || !word.every((octet, i) => json[start + i] === octet)) throw jsonFault('a JSON value', start)
  return start + word.length
}

const quote = 0x22
const plus = 0x2b
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const capitalE = 0x45
const backslash = 0x5c
const letterE = 0x65
const letterU = 0x75

const escapes = new Set(Buffer.from('"\\/bfnrt'))
const words = new Map(['true', 'false', 'null'].map(word => [word.charCodeAt(0), Buffer.from(word)]))

const isDigit = (octet = 0): boolean => octet >= 0x30 && octet <= 0x39
const isHexDigit = (octet = 0): boolean => isDigit(octet) || ((octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x66)
