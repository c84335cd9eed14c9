import { isUtf8 } from 'node:buffer'
import { charsetOf, essenceOf } from './essence.ts'

/** Octets as the data of a server-sent event, and how they are to be read. */
export interface Chunk {
  readonly encoding: 'text' | 'base64'
  readonly data: string
  /** Octets that have come and are not told with it. */
  readonly left: number
}

/**
 * Octets as the data of server-sent events, piece by piece: as text, or in base64 where their type is not one of text, or
 * where text would not come through to the octet; whole lines before that are text. A character whose octets come in two pieces is told with the second.
 */
export class ChunkText {
  readonly #isText: boolean
  #held: Buffer = nothing

  constructor(contentType: string) {
    this.#isText = isText(contentType)
  }

  /** None: the octets are part of a character whose others are still to come. */
  of(octets: Uint8Array): readonly Chunk[] {
    const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    if (!this.#isText) return inBase64(buffer, 0)
    const all = this.#held.length === 0 ? buffer : Buffer.concat([this.#held, buffer])
    const end = wholeCharacters(all)
    this.#held = Buffer.from(all.subarray(end))
    return chunksOf(all.subarray(0, end), this.#held.length)
  }

  /** No more will come: what is not told yet, if anything. */
  rest(): readonly Chunk[] {
    const rest = chunksOf(this.#held, 0)
    this.#held = nothing
    return rest
  }
}

const nothing = Buffer.alloc(0)

const inBase64 = (octets: Buffer, left: number): readonly Chunk[] =>
  octets.length === 0 ? [] : [{ encoding: 'base64', data: octets.toString('base64'), left }]

function chunksOf(octets: Buffer, left: number): readonly Chunk[] {
  const end = textEnd(octets)
  const rest = inBase64(octets.subarray(end), left)
  return end === 0
    ? rest
    : [{ encoding: 'text', data: octets.toString('utf8', 0, end), left: octets.length - end + left }, ...rest]
}

/**
 * The length of what comes through as text, all or whole lines: server-sent events are UTF-8, and know no carriage return
 * but as an end of line, like any other.
 */
function textEnd(octets: Buffer): number {
  const firstReturn = octets.indexOf(carriageReturn)
  if (firstReturn === -1 && isUtf8(octets)) return octets.length
  let most = firstReturn === -1 ? octets.length : firstReturn
  let least = 0
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (isUtf8(octets.subarray(0, lineEnd(octets, middle)))) least = middle
    else most = middle - 1
  }
  return lineEnd(octets, least)
}

/** The end of the last whole line among so many octets. */
const lineEnd = (octets: Buffer, length: number): number => octets.subarray(0, length).lastIndexOf(lineFeed) + 1

/** The length without a character at the end that is not whole. */
function wholeCharacters(octets: Buffer): number {
  for (let back = 1; back <= Math.min(3, octets.length); back++) {
    const octet = octets[octets.length - back] ?? 0
    if ((octet & 0xc0) === 0x80) continue
    const needs = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc0 ? 2 : 1
    return needs > back ? octets.length - back : octets.length
  }
  return octets.length
}

const carriageReturn = 0x0d
const lineFeed = 0x0a

function isText(contentType: string): boolean {
  const charset = charsetOf(contentType)
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') return false
  return textual.test(essenceOf(contentType))
}

const textual = /^text\/|^application\/(?:.*\+)?(?:json|xml|x-ndjson|jsonl|yaml)$/
