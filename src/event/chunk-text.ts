import { StringDecoder } from 'node:string_decoder'
import { charsetOf, essenceOf } from './essence.ts'

/** Octets as the data of server-sent events, piece by piece: as text, or in base64 where their type is none of text. */
export class ChunkText {
  /** Keeps a character whose octets come in two pieces. */
  readonly #decoder: StringDecoder | undefined

  constructor(contentType: string) {
    this.#decoder = isText(contentType) ? new StringDecoder('utf8') : undefined
  }

  /** Empty: the octets are part of a character whose others are still to come. */
  of(octets: Uint8Array): string {
    const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    return this.#decoder?.write(buffer) ?? buffer.toString('base64')
  }
}

function isText(contentType: string): boolean {
  const charset = charsetOf(contentType)
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') return false
  return textual.test(essenceOf(contentType))
}

const textual = /^text\/|^application\/(?:.*\+)?(?:json|xml|x-ndjson|jsonl|yaml)$/
