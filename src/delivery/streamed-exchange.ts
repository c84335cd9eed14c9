import type { Dispatcher } from 'undici'
import type { BodyMemory } from '../event/body-memory.ts'
import { essenceOf } from '../event/essence.ts'
import type { PassOn } from './deliver.ts'
import { Exchange, type AnswerHeaders, type Exchanged } from './exchange.ts'

interface StreamLimits {
  readonly maxBytes: number
  readonly memory: BodyMemory
  readonly passOn: PassOn
}

/**
 * An exchange whose answer goes to the caller as it comes, if it is a stream of events; every other answer is collected
 * as usual. What is passed on has no limit in total, only in silence: the time starts again with each piece of it, and
 * stands still while the caller is slower than the step.
 */
export class StreamedExchange extends Exchange {
  readonly #passOn: PassOn
  readonly #restart: () => void
  readonly #stream: { begun: boolean; paused: boolean }

  /** `restart` gives the exchange its whole time again. */
  constructor({ maxBytes, memory, passOn }: StreamLimits, restart: () => void, settle: (exchanged: Exchanged) => void) {
    const stream = { begun: false, paused: false }
    super(maxBytes, memory, ended =>
      settle(stream.begun && ended.kind !== 'streamed' ? { kind: 'streamed', ended } : ended)
    )
    this.#passOn = passOn
    this.#restart = restart
    this.#stream = stream
  }

  override expire(): void {
    if (this.#stream.paused) this.#restart()
    else super.expire()
  }

  override onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    this.#stream.begun = isEventStream(status, headers)
    super.onResponseStart(controller, status, this.#stream.begun ? {} : headers)
  }

  override onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#stream.begun) return super.onResponseData(controller, chunk)
    this.#restart()
    const drained = (): void => {
      this.#stream.paused = false
      this.#restart()
      controller.resume()
    }
    if (this.#passOn(chunk, drained)) return
    this.#stream.paused = true
    controller.pause()
  }
}

function isEventStream(status: number, headers: AnswerHeaders): boolean {
  if (status < 200 || status > 299 || status === 202 || headers['content-encoding'] !== undefined) return false
  const type = headers['content-type']
  return typeof type === 'string' && essenceOf(type) === 'text/event-stream'
}
