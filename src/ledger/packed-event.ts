import type { AttributeValue, CloudEvent } from '../event/event.ts'

/** An event inside a frame's document: attributes keep their order and types, the data is one of the frame's blobs. */
export interface PackedEvent {
  readonly attributes: readonly (readonly [string, AttributeValue])[]
  /** Index of the blob; absent when the event has no data. */
  readonly data?: number
}

/** The event for a document; its data is added to the blobs. */
export function packEvent({ attributes, data }: CloudEvent, blobs: Uint8Array[]): PackedEvent {
  const entries: [string, AttributeValue][] = []
  // A map that is spread goes through its iterator in a way that costs five times as much.
  for (const entry of attributes) entries.push(entry)
  return data === undefined ? { attributes: entries } : { attributes: entries, data: blobs.push(data) - 1 }
}

/** The event as it was packed. */
export function unpackEvent({ attributes, data }: PackedEvent, blobs: readonly Uint8Array[]): CloudEvent {
  return { attributes: new Map(attributes), data: data === undefined ? undefined : blobs[data] }
}

export type PackedEvents = readonly (readonly [string, PackedEvent])[]

/** Events by name, such as the replies of earlier steps. */
export function packEvents(events: ReadonlyMap<string, CloudEvent>, blobs: Uint8Array[]): PackedEvents {
  return Array.from(events, ([name, event]) => [name, packEvent(event, blobs)] as const)
}

/** The events as they were packed. */
export function unpackEvents(packed: PackedEvents, blobs: readonly Uint8Array[]): ReadonlyMap<string, CloudEvent> {
  return new Map(packed.map(([name, event]) => [name, unpackEvent(event, blobs)]))
}
