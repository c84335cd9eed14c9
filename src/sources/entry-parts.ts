import type { CloudEvent } from '../event/event.ts'
import type { Entry } from './source.ts'

export type Poison = Extract<Entry, { kind: 'poison' }>

type Part =
  | { readonly kind: 'events'; readonly events: readonly CloudEvent[] }
  | { readonly kind: 'poison'; readonly entry: Poison }

/** Events that follow each other are accepted together. */
export function partsOf(entries: readonly Entry[]): readonly Part[] {
  const parts: Part[] = []
  let events: CloudEvent[] = []
  for (const entry of entries) {
    if (entry.kind === 'event') {
      if (events.length === 0) parts.push({ kind: 'events', events })
      events.push(entry.event)
    } else {
      parts.push({ kind: 'poison', entry })
      events = []
    }
  }
  return parts
}
