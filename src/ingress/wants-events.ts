import { parseMediaType } from '../event/media-type.ts'

/** Whether `Accept` asks for server-sent events before everything else; a range with `*` does not compete. */
export function wantsEvents(accept: string | undefined): boolean {
  if (accept === undefined || !/event-stream/i.test(accept)) return false
  let events = 0
  let others = 0
  for (const range of accept.split(',')) {
    const type = parseMediaType(range.trim())
    const quality = Number(type?.parameters.get('q') ?? 1)
    if (type?.essence === 'text/event-stream') events = quality
    else if (type !== undefined && type.subtype !== '*') others = Math.max(others, quality)
  }
  return events > others
}
