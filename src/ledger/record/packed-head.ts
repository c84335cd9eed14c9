import type { CloudEvent } from '../../event/event.ts'
import { decodeFrame, encodeFrame } from './frame.ts'
import { packEvent, unpackEvent, type PackedEvent } from './packed-event.ts'

/** A reply that streams, without its data, as a store keeps it beside the octets. */
export const encodeHead = ({ attributes, dataIsJson }: CloudEvent): Buffer<ArrayBuffer> =>
  encodeFrame({
    document: packEvent({ attributes, data: undefined, ...(dataIsJson && { dataIsJson }) }, []),
    blobs: []
  })

export function decodeHead(bytes: Uint8Array): CloudEvent {
  const { document } = decodeFrame<PackedEvent, PackedEvent>(bytes)
  return unpackEvent(document, [])
}
