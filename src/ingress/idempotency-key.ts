import { SluiceError } from '../errors.ts'

const maxLength = 255

/** The `Idempotency-Key`: a quoted string (as the draft has it) or a bare one. Throws INVALID_REQUEST. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1]
  const key = quoted === undefined ? header : quoted.replace(/\\(.)/g, '$1')
  if (key.length === 0 || key.length > maxLength || (quoted === undefined && header.startsWith('"'))) {
    throw new SluiceError('INVALID_REQUEST', `the idempotency-key must have 1 to ${maxLength} characters`)
  }
  return key
}
