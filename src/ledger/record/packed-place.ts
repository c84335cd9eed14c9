import type { Place } from './mark.ts'
import { packEnd, unpackEnd, type PackedEnd } from './packed-end.ts'
import {
  packEvent,
  packEvents,
  unpackEvent,
  unpackEvents,
  type PackedEvent,
  type PackedEvents
} from './packed-event.ts'

/**
 * Places of sequences inside a frame's document: path, next, index, event, replies, how a branch ended, and the entry of
 * `traffic` that the next node has chosen.
 */
export type PackedPlaces = readonly (readonly [
  string,
  string | null,
  number,
  PackedEvent,
  PackedEvents,
  (PackedEnd | null)?,
  string?
])[]

export const packPlaces = (places: readonly (readonly [string, Place])[], blobs: Uint8Array[]): PackedPlaces =>
  places.map(([path, { next, index, event, replies, ended, chosen }]) => {
    const packed = [path, next ?? null, index, packEvent(event, blobs), packEvents(replies, blobs)] as const
    if (chosen !== undefined) return [...packed, ended === undefined ? null : packEnd(ended), chosen]
    return ended === undefined ? packed : [...packed, packEnd(ended)]
  })

export const unpackPlaces = (packed: PackedPlaces, blobs: readonly Uint8Array[]): readonly [string, Place][] =>
  packed.map(([path, next, index, event, replies, ended, chosen]) => [
    path,
    {
      next: next ?? undefined,
      index,
      event: unpackEvent(event, blobs),
      replies: unpackEvents(replies, blobs),
      ended: ended ? unpackEnd(ended) : undefined,
      ...(chosen !== undefined && { chosen })
    }
  ])
