import { always, type StreamTaker } from '../event/stream-taker.ts'
import { encodeBinary } from '../event/encode-binary.ts'
import type { CloudEvent } from '../event/event.ts'
import { essenceOf } from '../event/essence.ts'
import type { Outcome } from '../event/outcome.ts'
import type { Follower, StepPlace } from '../flow/request.ts'
import type { Answer } from '../http/answer.ts'
import { PassedAnswer } from '../http/passed-answer.ts'
import type { Arrival } from './arrival.ts'
import { serverTiming } from './server-timing.ts'

/** The reply to a caller who waits, as it arrives; one that does not stream is answered as a whole. */
export class StreamedReply implements StreamTaker, Follower {
  readonly #arrival: Arrival
  #step = ''
  #since = 0
  #passed: PassedAnswer | undefined

  constructor(arrival: Arrival) {
    this.#arrival = arrival
  }

  stepBegins({ name }: StepPlace, at: number): void {
    this.#step = name
    this.#since = at
  }

  stepEnds(): void {}

  readonly calling = undefined

  get isBegun(): boolean {
    return this.#passed !== undefined
  }

  begin(reply: CloudEvent): boolean {
    const { outgoing, requestId } = this.#arrival
    if (outgoing.destroyed) return false
    const { headers } = encodeBinary(reply)
    const more = ['sluice-request-id', requestId, 'server-timing', this.#timing()]
    this.#passed = new PassedAnswer(outgoing, [...headers, ...more], isEventStream(reply))
    return true
  }

  readonly whole = undefined
  readonly mayBegin = always

  readonly pass: StreamTaker['pass'] = (octets, drained) => this.#passed?.pass(octets, drained) ?? true

  /** Ends what has begun as the request ended; gives the answer back when nothing has. */
  end({ kind }: Outcome, answer: Answer | undefined): Answer | undefined {
    if (this.#passed === undefined) return answer
    if (kind === 'replied') this.#passed.end()
    else this.#passed.breakOff(bodyText(answer))
    return undefined
  }

  /** Of the step that streams it is the time until now. */
  #timing(): string {
    const { visits, at } = this.#arrival
    const now = performance.now()
    return serverTiming([...visits, { step: this.#step, durationMs: now - this.#since }], now - at)
  }
}

export const isEventStream = ({ attributes }: CloudEvent): boolean =>
  essenceOf(String(attributes.get('datacontenttype') ?? '')) === 'text/event-stream'

export const bodyText = (answer: Answer | undefined): string => Buffer.from(answer?.body ?? '').toString()
