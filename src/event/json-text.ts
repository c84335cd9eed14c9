import { isUtf8 } from 'node:buffer'
import { JsonScanner } from './json-scanner.ts'

/** Whether the octets are one JSON value and nothing else, so that they can stand inside of other JSON as they are. */
export function isJsonText(octets: Uint8Array): boolean {
  if (!isUtf8(octets)) return false
  try {
    const { start, end } = new JsonScanner(octets).value()
    return start === 0 && end === octets.length
  } catch {
    return false
  }
}
