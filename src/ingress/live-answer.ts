import { always, type StreamTaker } from '../event/stream-taker.ts'
import { ChunkText } from '../event/chunk-text.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import type { Follower, StepPlace } from '../flow/request.ts'
import type { Serving } from '../flow/serving.ts'
import type { Answer } from '../http/answer.ts'
import { EventStream } from '../http/event-stream.ts'
import { stepStatus } from '../ledger/record/status-document.ts'
import { stepRecord } from '../mover/visits.ts'
import type { Arrival } from './arrival.ts'
import { holdMsOf } from './hold-ms.ts'
import { replyText } from './reply-text.ts'
import { bodyText, isEventStream, StreamedReply } from './streamed-reply.ts'

/**
 * The answer to a caller who waits and follows the request: server-sent events like those of a stored one (`running`
 * with each step that begins, then `replied` or `filtered`), then the reply as `reply`, or the problem as `failed`. A
 * last step that streams is passed through in place of `reply`, or told in events called `chunk` where it streams no
 * server-sent events. One that streams them before any progress was told is the whole answer.
 */
export class LiveAnswer implements Follower, StreamTaker {
  readonly #arrival: Arrival
  readonly #serving: Serving
  readonly #stream: EventStream
  readonly #plain: StreamedReply
  /** Events that are not told yet. */
  #held: { readonly name: string; readonly data: string }[] | undefined = []
  #release: NodeJS.Timeout | undefined
  #chunks: 'events' | ChunkText | undefined

  constructor(arrival: Arrival, serving: Serving) {
    this.#arrival = arrival
    this.#serving = serving
    this.#stream = new EventStream(arrival.outgoing)
    this.#plain = new StreamedReply(arrival)
  }

  stepBegins(step: StepPlace): void {
    this.#plain.stepBegins(step)
    this.#tell('running', step)
    if (this.#stream.isOpen || this.#release !== undefined) return
    const holdMs = holdMsOf(this.#serving.plan)
    if (holdMs === 0) this.#open()
    else if (holdMs !== Infinity) this.#release = setTimeout(() => this.#open(), holdMs)
  }

  begin(reply: CloudEvent): boolean {
    clearTimeout(this.#release)
    if (this.#arrival.outgoing.destroyed) return false
    if (!this.#stream.isOpen && isEventStream(reply)) return this.#plain.begin(reply)
    this.#open()
    this.#chunks = isEventStream(reply)
      ? 'events'
      : new ChunkText(String(reply.attributes.get('datacontenttype') ?? ''))
    return true
  }

  readonly whole = undefined
  readonly mayBegin = always

  readonly pass: StreamTaker['pass'] = (octets, drained) => {
    if (this.#plain.isBegun) return this.#plain.pass(octets, drained)
    if (!(this.#chunks instanceof ChunkText)) return this.#stream.pass(octets, drained)
    const text = this.#chunks.of(octets)
    return text === '' || this.#stream.send('chunk', text, undefined, drained)
  }

  /** Ends the stream as the request ended; gives the answer back when no step has begun. */
  end(outcome: Outcome, answer: Answer | undefined): Answer | undefined {
    clearTimeout(this.#release)
    if (this.#plain.isBegun) return this.#plain.end(outcome, answer)
    if (this.#held?.length === 0) return answer
    this.#open()
    switch (outcome.kind) {
      case 'replied':
        this.#tell('replied')
        if (this.#chunks instanceof ChunkText && this.#chunks.held > 0) this.#stream.send('chunk', this.#chunks.rest())
        if (this.#chunks === undefined) this.#stream.send('reply', replyText(outcome.event))
        break
      case 'filtered':
        this.#tell('filtered')
        break
      case 'failed':
        if (this.#chunks !== undefined) {
          this.#stream.breakOff(bodyText(answer))
          return undefined
        }
        this.#stream.send('failed', bodyText(answer))
        break
      case 'cancelled':
        break
    }
    this.#stream.end()
    return undefined
  }

  #open(): void {
    if (this.#arrival.outgoing.destroyed) return
    if (!this.#stream.isOpen) this.#stream.open(this.#arrival.id)
    for (const { name, data } of this.#held ?? []) this.#stream.send(name, data)
    this.#held = undefined
  }

  #tell(status: 'running' | 'replied' | 'filtered', step?: StepPlace): void {
    const { id, visits } = this.#arrival
    const { plan, generation } = this.#serving
    const { pipeline } = plan
    const steps = visits.map(visit => stepStatus(stepRecord(visit)))
    const data = JSON.stringify({ id, pipeline, generation, status, step: step?.name, path: step?.path, steps })
    if (this.#held === undefined) this.#stream.send(status, data)
    else this.#held.push({ name: status, data })
  }
}
