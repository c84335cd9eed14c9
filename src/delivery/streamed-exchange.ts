import type { Dispatcher } from 'undici'
import type { BodyMemory } from '../event/body-memory.ts'
import { Exchange, type AnswerHeaders, type Exchanged, type ExchangeOwner, type StepAnswer } from './exchange.ts'

/** Takes an answer as it comes. */
export interface AnswerTaker {
  /** The longest silence within the answer, in milliseconds. */
  readonly idleMs: number
  /** Whether the taker keeps the octets, so that an answer has no more of them than one that is collected. */
  readonly isBounded: boolean
  /** Whether an answer with this head goes on as it comes; any other is collected. */
  takes(status: number, headers: AnswerHeaders): boolean
  /**
   * Begins with the head and the first octets, which are still to be passed on. An answer that cannot be taken is
   * settled so.
   */
  begin(answer: StepAnswer): Exchanged | undefined
  /** False: enough for now; `drained` is called when there is room again. */
  pass(octets: Uint8Array, drained: () => void): boolean
}

/**
 * An exchange whose answer goes on as it comes, if its taker takes it; every other one is collected. It is streamed
 * from its first octet on: until then it fails like any other. A stream has no limit in total time, only in silence: the
 * time starts again with each piece, and stands still while the taker is slower than the step.
 */
export class StreamedExchange extends Exchange {
  readonly #taker: AnswerTaker
  readonly #maxBytes: number
  #begun = false
  #head: Omit<StepAnswer, 'body'> | undefined
  #paused = false
  #pieces = 0
  #octets = 0

  constructor(maxBytes: number, memory: BodyMemory, owner: ExchangeOwner, taker: AnswerTaker) {
    super(maxBytes, memory, owner)
    this.#maxBytes = maxBytes
    this.#taker = taker
  }

  override expire(): void {
    if (this.#paused) return this.owner.restart()
    if (!this.#begun) return super.expire()
    // A busy process looks at its timers before its sockets, where the next piece may be waiting.
    const seen = this.#pieces
    setImmediate(() => {
      if (this.#pieces === seen && !this.#paused) super.expire()
    })
  }

  protected override told(ended: Exchanged): Exchanged {
    return this.#begun && ended.kind !== 'streamed' ? { kind: 'streamed', ended } : ended
  }

  override onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (!this.#taker.takes(status, headers)) return super.onResponseStart(controller, status, headers)
    this.#head = { kind: 'answered', status, headers }
    const known = this.#taker.isBounded ? headers : { ...headers, 'content-length': undefined }
    super.onResponseStart(controller, status, known)
  }

  override onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#head === undefined) return super.onResponseData(controller, chunk)
    const taker = this.#taker
    this.#pieces++
    this.#octets += chunk.length
    if (taker.isBounded && this.#octets > this.#maxBytes) return this.end({ kind: 'tooLarge' })
    if (!this.#begun) {
      const refused = taker.begin({ ...this.#head, body: chunk })
      if (refused !== undefined) return this.end(refused)
      this.#begun = true
      this.owner.expiresIn(taker.idleMs)
    } else this.owner.restart()
    const drained = (): void => {
      this.#paused = false
      this.owner.restart()
      controller.resume()
    }
    if (taker.pass(chunk, drained)) return
    this.#paused = true
    controller.pause()
  }
}
