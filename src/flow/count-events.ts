import type { CloudEvent } from '../event/event.ts'
import type { Mark } from './mark.ts'
import type { Request } from './request.ts'

/**
 * Counts the events that a request keeps from here on, each once: its own, the current one and replies asked for later.
 */
export function countEvents({ event, replies }: Pick<Mark, 'event' | 'replies'>, { original, share }: Request): void {
  let octets = sizeOf(original)
  if (event.data !== original.data) octets += sizeOf(event)
  if (replies.size > 0) for (const reply of replies.values()) if (reply.data !== event.data) octets += sizeOf(reply)
  share.set(octets)
}

const sizeOf = ({ data }: CloudEvent): number => data?.length ?? 0
