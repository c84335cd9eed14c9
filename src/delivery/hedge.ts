import type { CloudEvent } from '../event/event.ts'
import type { StreamTaker } from '../event/stream-taker.ts'
import type { Hedge } from '../pipeline/node.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import { isRetriable } from './retriable.ts'

/**
 * Calls again beside a call that is slow, and takes the first answer: one attempt together. `beside` makes the further
 * calls. Whoever loses is aborted.
 */
export const hedged =
  ({ delayMs, max }: Hedge, next: Deliver, beside: Deliver): Deliver =>
  (event, call) =>
    new Promise((resolve, reject) => {
      new HedgedCall({ delayMs, max, next, beside, event, call, resolve, reject }).begin()
    })

interface HedgedCallOptions extends Hedge {
  readonly next: Deliver
  readonly beside: Deliver
  readonly event: CloudEvent
  readonly call: Call
  readonly resolve: (delivered: Delivered) => void
  readonly reject: (thrown: unknown) => void
}

/** One attempt: waiting for its first answer, or streaming one of them, or over. */
class HedgedCall {
  readonly #options: HedgedCallOptions
  readonly #running = new Set<AbortController>()
  #timer: NodeJS.Timeout | undefined
  #made = 0
  #failed: Delivered | undefined
  #isOver = false
  /** The call whose answer goes to the caller as it comes. */
  #streaming: AbortController | undefined

  constructor(options: HedgedCallOptions) {
    this.#options = options
  }

  begin(): void {
    this.#options.call.signal.addEventListener('abort', this.#cancel)
    if (this.#options.call.signal.aborted) return this.#cancel()
    this.#add(this.#options.next, this.#options.call.attempts)
    this.#wait()
  }

  get #isHeld(): boolean {
    return this.#options.call.attempts.heldSince !== undefined
  }

  #wait(): void {
    const { delayMs, max, beside } = this.#options
    if (this.#isOver || this.#streaming !== undefined || this.#made > max) return
    const wasHeld = this.#isHeld
    this.#timer = setTimeout(() => {
      // A call that is held is not slow: those beside it would be held as well, and come to a step that has just started.
      if (wasHeld || this.#isHeld) return this.#wait()
      this.#add(beside, { count: 0, heldSince: undefined })
      this.#wait()
    }, delayMs)
  }

  #add(deliver: Deliver, attempts: Call['attempts']): void {
    const { event, call, reject } = this.#options
    const ending = new AbortController()
    const isFirst = this.#made++ === 0
    this.#running.add(ending)
    const stream = call.stream && this.#taker(call.stream, ending)
    deliver(event, { ...call, signal: ending.signal, attempts, stream }).then(
      delivered => this.#ended(delivered, ending, isFirst, isFirst || attempts.count > 0),
      (thrown: unknown) => {
        this.#finish()
        reject(thrown)
      }
    )
  }

  /** The first to begin has won; of the others nothing is passed on. */
  #taker(taker: StreamTaker, ending: AbortController): StreamTaker {
    return {
      begin: reply => {
        if (this.#isOver || this.#streaming !== undefined) return false
        this.#streaming = ending
        clearTimeout(this.#timer)
        this.#abortOthers(ending)
        return taker.begin(reply)
      },
      pass: (octets, drained) => taker.pass(octets, drained),
      whole: taker.whole,
      mayBegin: taker.mayBegin
    }
  }

  /** `isMade`: a further call that could not be made at all says nothing. */
  #ended(delivered: Delivered, ending: AbortController, isFirst: boolean, isMade: boolean): void {
    this.#running.delete(ending)
    if (this.#isOver || (this.#streaming !== undefined && this.#streaming !== ending)) return
    if (!isMade && delivered.kind !== 'cancelled') {
      if (this.#running.size === 0 && this.#failed !== undefined) this.#end(this.#failed)
      return
    }
    if (delivered.kind === 'failed' && this.#streaming === undefined) {
      // The further calls were to help against slowness; the failure of the first one speaks for all.
      if (isFirst || this.#failed === undefined) this.#failed = delivered
      if (this.#running.size > 0 && mayBeHelped(delivered, isFirst)) return
      return this.#end(mayBeHelped(delivered, isFirst) ? this.#failed : delivered)
    }
    this.#end(delivered)
  }

  #end(delivered: Delivered): void {
    this.#finish()
    this.#options.resolve(delivered)
  }

  readonly #cancel = (): void => {
    if (this.#streaming !== undefined) return this.#abortOthers(undefined)
    this.#end({ kind: 'cancelled' })
  }

  #finish(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#options.call.signal.removeEventListener('abort', this.#cancel)
    this.#abortOthers(undefined)
  }

  #abortOthers(kept: AbortController | undefined): void {
    for (const ending of this.#running) if (ending !== kept) ending.abort()
  }
}

/** Another call may do better, unless the time of the attempt is over, which is that of its first call. */
const mayBeHelped = (delivered: Extract<Delivered, { kind: 'failed' }>, isFirst: boolean): boolean =>
  isRetriable(delivered.error) && !(isFirst && delivered.error.code === 'STEP_TIMEOUT')
