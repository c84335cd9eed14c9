import { SluiceError } from '../errors.ts'

const maxLength = 255

/** A string of RFC 9651, with parameters, which say nothing here. */
const quotedString = /^"((?:[^"\\]|\\["\\])*)"(?: *;.*)?$/

/** The `Idempotency-Key`: a quoted string (as the draft has it) or a bare one. Throws INVALID_REQUEST. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const quoted = quotedString.exec(header)?.[1]
  if (quoted === undefined && header.startsWith('"')) {
    throw new SluiceError('INVALID_REQUEST', 'the idempotency-key begins with a quote, and is not one quoted string')
  }
  const key = quoted === undefined ? header : quoted.replace(/\\(.)/g, '$1')
  if (key.length === 0 || key.length > maxLength) {
    throw new SluiceError('INVALID_REQUEST', `the idempotency-key must have 1 to ${maxLength} characters`)
  }
  return key
}
