import { always, type StreamTaker } from '../event/stream-taker.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import type { Follower, RunningCall, StepPlace } from '../flow/request.ts'
import type { Serving } from '../flow/serving.ts'
import type { Answer } from '../http/answer.ts'
import { EventStream } from '../http/event-stream.ts'
import { placeIn, stepStatus } from '../ledger/record/status-document.ts'
import { StepWatch } from '../mover/step-watch.ts'
import type { Arrival } from './arrival.ts'
import { ChunkEvents } from './chunk-events.ts'
import { holdMsOf } from './hold-ms.ts'
import { replyText } from './reply-text.ts'
import { timingSoFar } from './server-timing.ts'
import { bodyText, isEventStream, StreamedReply } from './streamed-reply.ts'

/**
 * The answer to a caller who waits and follows the request: server-sent events like those of a stored one (`running` as
 * each step begins and ends, then `replied` or `filtered`), then the reply as `reply`, or the problem as `failed`. A
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
  readonly #watch: StepWatch
  readonly #chunks: ChunkEvents
  #passesEvents = false
  /** A step has begun or ended since something was told. */
  #hasNews = false
  /** A step that began in this turn was told at once. */
  #hasToldBegin = false
  #isOver = false

  constructor(arrival: Arrival, serving: Serving) {
    this.#arrival = arrival
    this.#serving = serving
    this.#stream = new EventStream(arrival.outgoing)
    this.#plain = new StreamedReply(arrival)
    this.#chunks = new ChunkEvents(this.#stream)
    this.#watch = new StepWatch(arrival.visits, new Set())
    this.#watch.plan = serving.plan
  }

  stepBegins(step: StepPlace, at: number): void {
    this.#plain.stepBegins(step, at)
    this.#watch.begins(step)
    this.#tellBegun()
    if (this.#stream.isOpen || this.#release !== undefined) return
    const holdMs = holdMsOf(this.#serving.plan)
    if (holdMs === 0) this.#open()
    else if (holdMs !== Infinity) this.#release = setTimeout(() => this.#open(), holdMs)
  }

  /** Told for itself only where nothing else is told of the same turn: the step after it, say, that begins. */
  stepEnds(): void {
    this.#tellSoon()
  }

  readonly calling = (call: RunningCall): Disposable => this.#watch.calling(call)

  begin(reply: CloudEvent): boolean {
    clearTimeout(this.#release)
    if (this.#arrival.outgoing.destroyed) return false
    if (!this.#stream.isOpen && isEventStream(reply)) return this.#plain.begin(reply)
    this.#open()
    this.#passesEvents = isEventStream(reply)
    if (!this.#passesEvents) this.#chunks.begin(reply)
    return true
  }

  readonly whole = undefined
  readonly mayBegin = always

  readonly pass: StreamTaker['pass'] = (octets, drained) => {
    if (this.#plain.isBegun) return this.#plain.pass(octets, drained)
    return this.#passesEvents ? this.#stream.pass(octets, drained) : this.#chunks.tell(octets, drained)
  }

  /** Each event has all steps so far: of many that begin in one turn, as branches do, the first is told, then all. */
  #tellBegun(): void {
    if (this.#hasToldBegin) return this.#tellSoon()
    this.#hasToldBegin = true
    setImmediate(() => (this.#hasToldBegin = false))
    this.#tell('running')
  }

  #tellSoon(): void {
    if (!this.#hasNews) setImmediate(() => this.#tellNews())
    this.#hasNews = true
  }

  /** Not into the events of a step, and not behind the end. */
  #tellNews(): void {
    if (this.#hasNews && !this.#isOver && !this.#passesEvents && !this.#plain.isBegun) this.#tell('running')
  }

  get #hasStreamed(): boolean {
    return this.#passesEvents || this.#chunks.isBegun
  }

  /** Ends the stream as the request ended; gives the answer back when no step has begun. */
  end(outcome: Outcome, answer: Answer | undefined): Answer | undefined {
    clearTimeout(this.#release)
    this.#isOver = true
    if (this.#plain.isBegun) return this.#plain.end(outcome, answer)
    if (this.#held?.length === 0) return answer
    this.#open()
    switch (outcome.kind) {
      case 'replied':
        this.#chunks.end()
        this.#tell('replied')
        if (!this.#hasStreamed) this.#stream.send('reply', replyText(outcome.event))
        break
      case 'filtered':
        this.#tell('filtered')
        break
      case 'failed':
        if (this.#hasStreamed) {
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
    if (!this.#stream.isOpen) {
      this.#arrival.outgoing.setHeader('server-timing', timingSoFar(this.#arrival))
      this.#stream.open(this.#arrival.id)
    }
    for (const { name, data } of this.#held ?? []) this.#stream.send(name, data)
    this.#held = undefined
  }

  #tell(status: 'running' | 'replied' | 'filtered'): void {
    this.#hasNews = false
    const { id } = this.#arrival
    const { plan, generation } = this.#serving
    const { steps } = this.#watch
    const { pipeline } = plan
    const data = JSON.stringify({ id, pipeline, generation, status, ...placeIn(steps), steps: steps.map(stepStatus) })
    if (this.#held === undefined) this.#stream.send(status, data)
    else this.#held.push({ name: status, data })
  }
}
