import { InvalidArgumentError } from 'commander'
import type { Header } from '../commands/send-headers.ts'

/** One `-H 'Name: value'` more. */
export function readHeader(text: string, before: readonly Header[] = []): readonly Header[] {
  const parts = /^(?<name>[^:\s]+):\s*(?<value>.*)$/.exec(text)?.groups
  const header: Header = [parts?.['name'] ?? '', parts?.['value'] ?? '']
  if (!isHeader(header)) throw new InvalidArgumentError("Write 'Name: value', in printable ASCII.")
  return [...before, header]
}

function isHeader([name, value]: Header): boolean {
  try {
    return new Headers([[name, value]]).has(name)
  } catch {
    return false
  }
}
