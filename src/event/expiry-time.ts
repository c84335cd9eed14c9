import type { CloudEvent } from './event.ts'
import { isTimestamp } from './timestamp.ts'

/**
 * When the event is of no use any more by its `expirytime`, in milliseconds since the epoch; Infinity: whenever. A
 * value that is not a time says nothing to the gateway, and is passed on.
 */
export function expiryOf({ attributes }: CloudEvent): number {
  const value = attributes.get('expirytime')
  if (value === undefined) return Infinity
  const text = String(value)
  if (!isTimestamp(text)) return Infinity
  // A leap second, which Date does not know, is the end of the second before.
  const ms = Date.parse(text.toUpperCase().replace(/:60(\.\d+)?(?=[Z+-])/, ':59.999'))
  return Number.isNaN(ms) ? Infinity : ms
}
