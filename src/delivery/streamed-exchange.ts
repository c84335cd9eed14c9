import type { Dispatcher } from 'undici'
import type { BodyMemory } from '../event/body-memory.ts'
import { Exchange, type AnswerHeaders, type Exchanged, type StepAnswer } from './exchange.ts'

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

/** The time that an exchange has. */
export interface ExchangeClock {
  /** The exchange expires so many milliseconds from now. */
  set(milliseconds: number): void
  /** It has the whole of that time again. */
  restart(): void
}

export interface StreamedExchangeOptions {
  readonly maxBytes: number
  readonly memory: BodyMemory
  readonly taker: AnswerTaker
  readonly clock: ExchangeClock
}

/**
 * An exchange whose answer goes on as it comes, if its taker takes it; every other one is collected. It is streamed
 * from its first octet on: until then it fails like any other. A stream has no limit in total time, only in silence: the
 * time starts again with each piece, and stands still while the taker is slower than the step.
 */
export class StreamedExchange extends Exchange {
  readonly #options: StreamedExchangeOptions
  readonly #stream: { begun: boolean }
  #head: Omit<StepAnswer, 'body'> | undefined
  #paused = false
  #pieces = 0
  #octets = 0

  constructor(options: StreamedExchangeOptions, settle: (exchanged: Exchanged) => void) {
    const stream = { begun: false }
    super(options.maxBytes, options.memory, ended =>
      settle(stream.begun && ended.kind !== 'streamed' ? { kind: 'streamed', ended } : ended)
    )
    this.#options = options
    this.#stream = stream
  }

  override expire(): void {
    if (this.#paused) return this.#options.clock.restart()
    if (!this.#stream.begun) return super.expire()
    // A busy process looks at its timers before its sockets, where the next piece may be waiting.
    const seen = this.#pieces
    setImmediate(() => {
      if (this.#pieces === seen && !this.#paused) super.expire()
    })
  }

  override onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (!this.#options.taker.takes(status, headers)) return super.onResponseStart(controller, status, headers)
    this.#head = { kind: 'answered', status, headers }
    const known = this.#options.taker.isBounded ? headers : { ...headers, 'content-length': undefined }
    super.onResponseStart(controller, status, known)
  }

  override onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#head === undefined) return super.onResponseData(controller, chunk)
    const { taker, clock } = this.#options
    this.#pieces++
    this.#octets += chunk.length
    if (taker.isBounded && this.#octets > this.#options.maxBytes) return this.end({ kind: 'tooLarge' })
    if (!this.#stream.begun) {
      const refused = taker.begin({ ...this.#head, body: chunk })
      if (refused !== undefined) return this.end(refused)
      this.#stream.begun = true
      clock.set(taker.idleMs)
    } else clock.restart()
    const drained = (): void => {
      this.#paused = false
      clock.restart()
      controller.resume()
    }
    if (taker.pass(chunk, drained)) return
    this.#paused = true
    controller.pause()
  }
}
