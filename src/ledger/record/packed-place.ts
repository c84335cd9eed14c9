import type { Place } from '../ledger.ts'
import {
  packEvent,
  packEvents,
  unpackEvent,
  unpackEvents,
  type PackedEvent,
  type PackedEvents
} from './packed-event.ts'

/** Places of sequences inside a frame's document: path, next, index, event, replies. */
export type PackedPlaces = readonly (readonly [string, string | null, number, PackedEvent, PackedEvents])[]

export const packPlaces = (places: readonly (readonly [string, Place])[], blobs: Uint8Array[]): PackedPlaces =>
  places.map(([path, { next, index, event, replies }]) => [
    path,
    next ?? null,
    index,
    packEvent(event, blobs),
    packEvents(replies, blobs)
  ])

export const unpackPlaces = (packed: PackedPlaces, blobs: readonly Uint8Array[]): readonly [string, Place][] =>
  packed.map(([path, next, index, event, replies]) => [
    path,
    { next: next ?? undefined, index, event: unpackEvent(event, blobs), replies: unpackEvents(replies, blobs) }
  ])
