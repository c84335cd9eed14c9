import type { Dispatcher } from 'undici'
import type { BodyMemory } from '../event/body-memory.ts'
import { addPiece } from '../event/pieces.ts'

/** The outcome of one HTTP request. */
export type Exchanged =
  | StepAnswer
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' }
  /**
   * `stale`: a kept-alive connection ended before any octet of an answer; the server may never have seen the request.
   */
  | { readonly kind: 'broken'; readonly cause: Error; readonly stale: boolean }
  | { readonly kind: 'tooLarge' }
  /** The answer was passed on to the caller as it came, until it ended so. */
  | { readonly kind: 'streamed'; readonly ended: Exclude<Exchanged, { readonly kind: 'streamed' }> }

/** A complete answer. */
export interface StepAnswer {
  readonly kind: 'answered'
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Uint8Array
}

/** Header values by lower-case name, as undici gives them; a repeated header is an array. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The connection that carries a request, or is to carry it; `undefined`: there is none yet. */
export interface Carrier {
  readonly socket: { readonly bytesRead: number } | undefined
}

/** Waits for an exchange, and keeps its time. */
export interface ExchangeOwner {
  /** It is over. */
  ended(exchanged: Exchanged): void
  /** It expires so many milliseconds from now. */
  expiresIn(milliseconds: number): void
  /** It has the whole of its time again. */
  restart(): void
}

/** The connection ended after an interim answer (1xx), without a final one. */
export class InterimOnly extends Error {
  override readonly name = 'InterimOnly'

  constructor(cause: Error) {
    super('no final answer', { cause })
  }
}

const noBytes = new Uint8Array(0)

/**
 * One HTTP request as an undici handler. It goes from waiting (queued, connecting) by sent and answering to settled;
 * it is settled once, and whatever undici says afterwards only ends the connection.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  protected readonly owner: ExchangeOwner
  readonly #maxBytes: number
  readonly #memory: BodyMemory
  readonly #chunks: Buffer[] = []
  #carrier: Carrier | undefined
  #readBefore = 0
  #size = 0
  #status = 0
  #interim = false
  #headers: AnswerHeaders = {}
  #controller: Dispatcher.DispatchController | undefined
  #settled = false

  /** The memory counts what has come, until who gets the answer does. */
  constructor(maxBytes: number, memory: BodyMemory, owner: ExchangeOwner) {
    this.#maxBytes = maxBytes
    this.#memory = memory
    this.owner = owner
  }

  /** Tells which connection carries the request. */
  carriedBy(carrier: Carrier): void {
    this.#carrier = carrier
  }

  /** Ends it from our side; the connection is closed, since the rest of the answer would come over it. */
  end(exchanged: Exchanged): void {
    this.#finish(exchanged)
    this.#controller?.abort(new Error(exchanged.kind))
  }

  /** Its time is over. */
  expire(): void {
    this.end({ kind: 'timeout' })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(new Error('settled'))
      return
    }
    this.#controller = controller
    this.#readBefore = this.#read
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) {
      this.#interim = true
      return
    }
    this.#status = status
    this.#headers = headers
    if (Number(headers['content-length'] ?? 0) > this.#maxBytes) this.#endTooLarge()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#size += chunk.length
    this.#memory.add(chunk.length)
    if (this.#size > this.#maxBytes) this.#endTooLarge()
    else addPiece(this.#chunks, chunk)
  }

  onResponseEnd(): void {
    this.#finish(this.#answer())
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, cause: Error): void {
    const onlyInterim = this.#interim && this.#status === 0
    const stale = this.#status === 0 && this.#isStale()
    this.#finish({ kind: 'broken', cause: onlyInterim ? new InterimOnly(cause) : cause, stale })
  }

  /** A request that was never sent may have waited for a used connection, whose end does not answer it. */
  #isStale(): boolean {
    const read = this.#read
    return read > 0 && (this.#controller === undefined || read === this.#readBefore)
  }

  /** Octets that were read so far from its connection. */
  get #read(): number {
    return this.#carrier?.socket?.bytesRead ?? 0
  }

  /** Its end, as it is told. */
  protected told(exchanged: Exchanged): Exchanged {
    return exchanged
  }

  #answer(): Exchanged {
    const [first = noBytes] = this.#chunks
    const body = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first
    return { kind: 'answered', status: this.#status, headers: this.#headers, body }
  }

  /** The rest of an error answer beyond the limit is not worth a different error. */
  #endTooLarge(): void {
    this.end(this.#status < 300 ? { kind: 'tooLarge' } : this.#answer())
  }

  #finish(exchanged: Exchanged): void {
    if (this.#settled) return
    this.#settled = true
    this.#memory.add(-this.#size)
    this.owner.ended(this.told(exchanged))
  }
}
