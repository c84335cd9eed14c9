import { charsetOf, essenceOf } from './essence.ts'

/**
 * Octets as the data of server-sent events, piece by piece: as text, or in base64 where their type is not one of text. A
 * character, or an end of line, whose octets come in two pieces is told with the second.
 */
export class ChunkText {
  readonly #isText: boolean
  #held: Buffer = nothing

  constructor(contentType: string) {
    this.#isText = isText(contentType)
  }

  /** Empty: the octets are part of something whose others are still to come. */
  of(octets: Uint8Array): string {
    const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    if (!this.#isText) return buffer.toString('base64')
    const all = this.#held.length === 0 ? buffer : Buffer.concat([this.#held, buffer])
    const end = toldLength(all)
    this.#held = Buffer.from(all.subarray(end))
    return all.toString('utf8', 0, end)
  }

  /** Octets that have come and are not told yet. */
  get held(): number {
    return this.#held.length
  }

  /** No more will come: what is not told yet. */
  rest(): string {
    const rest = this.#held.toString()
    this.#held = nothing
    return rest
  }
}

const nothing = Buffer.alloc(0)

/** Without a character that is not whole, and without a carriage return at the end, which a line feed may follow. */
function toldLength(octets: Buffer): number {
  for (let back = 1; back <= Math.min(3, octets.length); back++) {
    const octet = octets[octets.length - back] ?? 0
    if ((octet & 0xc0) === 0x80) continue
    const needs = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc0 ? 2 : 1
    if (needs > back) return octets.length - back
    break
  }
  return octets.at(-1) === carriageReturn ? octets.length - 1 : octets.length
}

const carriageReturn = 0x0d

function isText(contentType: string): boolean {
  const charset = charsetOf(contentType)
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') return false
  return textual.test(essenceOf(contentType))
}

const textual = /^text\/|^application\/(?:.*\+)?(?:json|xml|x-ndjson|jsonl|yaml)$/
