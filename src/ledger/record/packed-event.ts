import type { AttributeValue, CloudEvent } from '../../event/event.ts'

/**
 * An event inside a frame's document, as short as its parts allow, for every octet is written and kept: the index of
 * the blob that is its data, or null; then names and values of the attributes by turns, in their order and types. The
 * first attribute is not written when it is `specversion` 1.0, which nearly all have; otherwise `false` is in its
 * place. A value of null is the id of the request. One more at the end, `true`, says that the data is JSON whatever its
 * label.
 */
export type PackedEvent = readonly (AttributeValue | null)[]

/** The event for a document; its data is added to the blobs. */
export function packEvent(
  { attributes, data, dataIsJson }: CloudEvent,
  blobs: Uint8Array[],
  requestId?: string
): PackedEvent {
  const packed: (AttributeValue | null)[] = [data === undefined ? null : blobs.push(data) - 1]
  const usual = startsAsUsual(attributes)
  if (!usual) packed.push(false)
  let skips = usual
  // Not `[...attributes]`: a map that is spread goes through its iterator in a way that costs five times as much.
  for (const [name, value] of attributes) {
    if (!skips) packed.push(name, value === requestId ? null : value)
    skips = false
  }
  if (dataIsJson) packed.push(true)
  return packed
}

/** The event as it was packed. */
export function unpackEvent(packed: PackedEvent, blobs: readonly Uint8Array[], requestId?: string): CloudEvent {
  const usual = packed[1] !== false
  const attributes = new Map<string, AttributeValue>(usual ? [[first.name, first.value]] : [])
  let i = usual ? 1 : 2
  for (; i + 1 < packed.length; i += 2) attributes.set(String(packed[i]), packed[i + 1] ?? requestId ?? '')
  const [blob] = packed
  const data = typeof blob === 'number' ? blobs[blob] : undefined
  return i < packed.length ? { attributes, data, dataIsJson: true } : { attributes, data }
}

const first = { name: 'specversion', value: '1.0' }

function startsAsUsual(attributes: ReadonlyMap<string, AttributeValue>): boolean {
  for (const [name, value] of attributes) return name === first.name && value === first.value
  return false
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
