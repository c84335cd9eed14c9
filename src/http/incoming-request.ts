import { SluiceError } from '../errors.ts'
import type { BodyShare } from '../event/body-memory.ts'
import { addPiece } from '../event/pieces.ts'
import { IncomingMessage } from '../node-http.ts'

interface Collector {
  readonly maxBytes: number
  readonly share: BodyShare
  readonly chunks: Buffer[]
  size: number
  readonly resolve: (body: Uint8Array | undefined) => void
  readonly reject: (error: SluiceError) => void
}

/** The part of a body that came before anybody asked for it. */
interface Kept {
  readonly chunks: Buffer[]
  readonly share: BodyShare
  isWhole: boolean
}

/**
 * Node's request, whose body can be taken as the parser gives it. Read as a stream it would pass a buffer, and wait
 * four times for the tick queue until it has begun, ended and closed: an eighth of what Node needs for a request.
 */
export class IncomingRequest extends IncomingMessage {
  #collector: Collector | undefined
  #kept: Kept | undefined
  #streamed = false
  #taken = false
  /** The part of the memory that its answer takes, while it is on its way. */
  share: BodyShare | undefined

  /**
   * The whole body, counted as it comes; a declared length is only a first check. `undefined` when the client went away
   * before the end, or the request was answered. Throws BODY_TOO_LARGE and OVERLOADED; what comes then can be read as a
   * stream. To be called in the turn in which the request arrived, before any of the body did, unless it was kept. No
   * event tells of the end of a body that was taken.
   */
  body(maxBytes: number, share: BodyShare): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#streamed) throw new Error('the body goes to the stream already')
      const declared = Number(this.headers['content-length'] ?? 0)
      if (declared > maxBytes) reject(tooLarge(maxBytes))
      else if (!share.memory.hasRoom(Math.max(1, declared))) reject(share.memory.refusal())
      else this.#collector = { maxBytes, share, chunks: [], size: 0, resolve, reject }
      this.releaseBody()
    })
  }

  /** Keeps what comes of the body until somebody asks for it: the request waits for its turn. */
  keepBody(share: BodyShare): void {
    this.#kept = { chunks: [], share, isWhole: false }
  }

  /** Kept octets go to the reader who has asked for them, or else to the stream. */
  releaseBody(): void {
    if (this.#kept === undefined) return
    const { chunks, share, isWhole } = this.#kept
    this.#kept = undefined
    share.release()
    for (const chunk of chunks) this.push(chunk)
    if (isWhole) this.push(null)
  }

  /** Gives up a body that somebody waits for: others need the memory that it takes. */
  refuseBody(): void {
    const collector = this.#collector
    if (collector !== undefined) this.#refuse(collector.share.memory.refusal(), collector)
  }

  /** How much has come of a body that somebody waits for; `undefined`: nobody does. */
  get collected(): number | undefined {
    return this.#collector?.size
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
    if (collector === undefined)
      return this.#kept === undefined ? this.#pushOn(chunk, encoding) : keep(chunk, this.#kept)
    if (chunk !== null) return this.#collect(chunk, collector)
    this.#collector = undefined
    this.#taken = true
    collector.resolve(joined(collector))
    return false
  }

  override destroy(error?: Error): this {
    this.#giveUp()
    return super.destroy(error)
  }

  /** Node calls it once the answer is finished: what may still come of the body is read for nobody. */
  _dump(): void {
    this.#giveUp()
    // @ts-expect-error a method that the types of Node do not have
    super['_dump']()
  }

  #pushOn(chunk: Buffer | null, encoding: BufferEncoding | undefined): boolean {
    this.#streamed = true
    return super.push(chunk, encoding)
  }

  #collect(chunk: Buffer, collector: Collector): boolean {
    const { maxBytes, share } = collector
    collector.size += chunk.length
    if (collector.size > maxBytes) this.#refuse(tooLarge(maxBytes), collector)
    else if (!share.memory.hasRoom(chunk.length)) this.#refuse(share.memory.refusal(), collector)
    else {
      share.add(chunk.length)
      addPiece(collector.chunks, chunk)
    }
    return true
  }

  #refuse(error: SluiceError, { share, reject }: Collector): void {
    this.#collector = undefined
    share.set(0)
    reject(error)
  }

  /** Nobody gets what has come, and who waits for it learns that. */
  #giveUp(): void {
    this.releaseBody()
    const collector = this.#collector
    if (collector === undefined) return
    this.#collector = undefined
    collector.resolve(undefined)
  }
}

function keep(chunk: Buffer | null, kept: Kept): boolean {
  if (chunk === null) kept.isWhole = true
  else {
    kept.share.add(chunk.length)
    addPiece(kept.chunks, chunk)
  }
  return false
}

const noBytes = new Uint8Array(0)

function joined({ chunks, size }: Collector): Uint8Array {
  const [first = noBytes] = chunks
  return chunks.length > 1 ? Buffer.concat(chunks, size) : first
}

const tooLarge = (maxBytes: number): SluiceError =>
  new SluiceError('BODY_TOO_LARGE', `the body is larger than the ${maxBytes} bytes of spec.limits.maxBodyBytes`)
