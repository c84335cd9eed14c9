import { InvalidArgumentError } from 'commander'
import { isTimestamp } from '../../event/timestamp.ts'
import { parseDuration } from '../../pipeline/duration.ts'

/** An RFC 3339 time, or how long ago it was, as a time. */
export function readSince(text: string): string {
  if (isTimestamp(text)) return text
  const agoMs = parseDuration(text)
  if (agoMs === undefined) throw new InvalidArgumentError('Write 2026-01-31T12:00:00Z, or how long ago: 30m, 1h, 2d.')
  return new Date(Date.now() - agoMs).toISOString()
}
