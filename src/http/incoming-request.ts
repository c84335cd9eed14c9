import { IncomingMessage } from 'node:http'
import { SluiceError } from '../errors.ts'

interface Collector {
  readonly maxBytes: number
  readonly chunks: Buffer[]
  size: number
  readonly resolve: (body: Uint8Array | undefined) => void
  readonly reject: (error: SluiceError) => void
}

/**
 * Node's request, whose body can be taken as the parser gives it. Read as a stream it would pass a buffer, and wait four
 * times for the tick queue until it has begun, ended and closed: an eighth of what Node needs for a request.
 */
export class IncomingRequest extends IncomingMessage {
  #collector: Collector | undefined
  #streamed = false
  #taken = false

  /**
   * The whole body, counted as it comes; a declared length is only a first check. `undefined` when the client went away
   * before the end. Throws BODY_TOO_LARGE; what comes then can be read as a stream. To be called in the turn in which the
   * request arrived, before any of the body did. No event tells of the end of a body that was taken.
   */
  body(maxBytes: number): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#streamed) throw new Error('the body goes to the stream already')
      if (Number(this.headers['content-length'] ?? 0) > maxBytes) reject(tooLarge(maxBytes))
      else this.#collector = { maxBytes, chunks: [], size: 0, resolve, reject }
    })
  }

  /** Node lets go of a request that was read to its end; or else each idle connection would keep its last one. */
  // @ts-expect-error a getter of Node's, which its types call a property
  override get readableEnded(): boolean {
    // @ts-expect-error as above
    return this.#taken || super.readableEnded
  }

  /** How the parser passes on what it has read; null: that was all. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const collector = this.#collector
    if (collector === undefined) {
      this.#streamed = true
      return super.push(chunk, encoding)
    }
    if (chunk !== null) return this.#collect(chunk, collector)
    this.#collector = undefined
    this.#taken = true
    collector.resolve(joined(collector))
    return false
  }

  override destroy(error?: Error): this {
    this.#collector?.resolve(undefined)
    return super.destroy(error)
  }

  #collect(chunk: Buffer, collector: Collector): boolean {
    collector.size += chunk.length
    if (collector.size <= collector.maxBytes) {
      collector.chunks.push(chunk)
      return true
    }
    this.#collector = undefined
    collector.reject(tooLarge(collector.maxBytes))
    return true
  }
}

const noBytes = new Uint8Array(0)

function joined({ chunks, size }: Collector): Uint8Array {
  const [first = noBytes] = chunks
  return chunks.length > 1 ? Buffer.concat(chunks, size) : first
}

const tooLarge = (maxBytes: number): SluiceError =>
  new SluiceError('BODY_TOO_LARGE', `the body is larger than the ${maxBytes} bytes that the pipeline accepts`)
