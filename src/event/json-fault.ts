import { SluiceError } from '../errors.ts'

/** An INVALID_EVENT about text that is not JSON: what would be right at this offset. */
export function jsonFault(expected: string, offset: number): SluiceError {
  return new SluiceError('INVALID_EVENT', `the event is not valid JSON: ${expected} is expected at octet ${offset}`)
}
