import { SluiceError } from '../../errors.ts'

/** The parts of a stored value: a JSON document, and bytes that are kept as they are. */
export interface Frame<Document> {
  readonly document: Document
  readonly blobs: readonly Uint8Array[]
}

/** A frame with the document that its format has. */
export type DecodedFrame<First, Document> =
  (Frame<First> & { readonly format: 1 }) | (Frame<Document> & { readonly format: typeof currentFormat })

/** The format that this gateway writes, and the newest that it reads; it reads the first too. */
const currentFormat = 2
const headLength = 9
const decoder = new TextDecoder()

/**
 * One stored value: format (1 octet), length of the JSON (4), number of blobs (4), the length of each blob (4),
 * the JSON, the blobs; numbers are big-endian.
 */
export function encodeFrame({ document, blobs }: Frame<unknown>): Buffer<ArrayBuffer> {
  const json = JSON.stringify(document)
  const jsonLength = Buffer.byteLength(json)
  const bodyAt = headLength + blobs.length * 4
  let end = bodyAt + jsonLength
  let length = end
  for (const blob of blobs) length += blob.byteLength
  const bytes = Buffer.allocUnsafe(length)
  bytes.writeUInt8(currentFormat, 0)
  bytes.writeUInt32BE(jsonLength, 1)
  bytes.writeUInt32BE(blobs.length, 5)
  bytes.write(json, bodyAt)
  blobs.forEach((blob, i) => {
    bytes.writeUInt32BE(blob.byteLength, headLength + i * 4)
    bytes.set(blob, end)
    end += blob.byteLength
  })
  return bytes
}

/** The frame of the bytes; its blobs share their memory. Throws when another version of Sluice wrote them; within a
 * format the document is what was encoded. */
export function decodeFrame<First, Document>(bytes: Uint8Array): DecodedFrame<First, Document> {
  const format = bytes[0]
  if (format !== 1 && format !== currentFormat) {
    throw new SluiceError(
      'STORE_UNAVAILABLE',
      `a record in the store has format ${format}; this gateway reads format ${currentFormat}: run the Sluice that wrote it`
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blobCount = view.getUint32(5)
  const bodyAt = headLength + blobCount * 4
  let end = bodyAt + view.getUint32(1)
  // Plain bytes, also when they were read into a `Buffer`.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const document = JSON.parse(decoder.decode(plain.subarray(bodyAt, end)))
  const blobs = Array.from({ length: blobCount }, (_, i) => {
    const start = end
    end += view.getUint32(headLength + i * 4)
    return plain.subarray(start, end)
  })
  return { format, document, blobs }
}

/** Frames up to this size are kept in one piece. */
const smallBytes = 2048

/** A frame in two pieces: what is in its document can be read without its blobs, which may be large. */
export interface SplitFrame {
  readonly head: Uint8Array
  /** `undefined`: the head is all of it. */
  readonly blobs: Uint8Array | undefined
}

/** The pieces of the frame; they share its memory. */
export function splitFrame(bytes: Uint8Array): SplitFrame {
  const end = bytes.byteLength <= smallBytes ? bytes.byteLength : headEnd(bytes)
  if (end >= bytes.byteLength) return { head: bytes, blobs: undefined }
  return { head: bytes.subarray(0, end), blobs: bytes.subarray(end) }
}

/** The frame of the pieces. */
export function joinFrame(head: Uint8Array, blobs: Uint8Array | null): Uint8Array {
  if (blobs === null) return head
  const bytes = new Uint8Array(head.byteLength + blobs.byteLength)
  bytes.set(head)
  bytes.set(blobs, head.byteLength)
  return bytes
}

/** A copy of the frame without its blobs, which read as empty. */
export const headOf = (bytes: Uint8Array): Uint8Array => bytes.slice(0, headEnd(bytes))

function headEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return headLength + view.getUint32(5) * 4 + view.getUint32(1)
}
