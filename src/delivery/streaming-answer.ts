import type { CloudEvent } from '../event/event.ts'
import { essenceOf } from '../event/essence.ts'
import { isIdentity } from '../event/content-coding.ts'
import { isCloudEventsMediaType } from '../event/media-type.ts'
import type { StreamTaker } from '../event/stream-taker.ts'
import type { Streaming } from '../pipeline/node.ts'
import type { Delivered } from './deliver.ts'
import type { AnswerHeaders, StepAnswer } from './exchange.ts'
import type { AnswerTaker } from './streamed-exchange.ts'

/** Makes what takes the answer to one call; `undefined`: it is collected. */
export const streamingAnswer = (
  streaming: Streaming | undefined,
  taker: StreamTaker | undefined,
  read: (answer: StepAnswer) => Delivered
): StreamingAnswer | undefined =>
  streaming === undefined || taker === undefined || streaming.mode === 'never'
    ? undefined
    : new StreamingAnswer(streaming, taker, read)

/** An answer that streams, which its taker gets as it comes. */
export class StreamingAnswer implements AnswerTaker {
  readonly idleMs: number
  readonly #mode: Streaming['mode']
  readonly #taker: StreamTaker
  readonly #read: (answer: StepAnswer) => Delivered
  readonly isBounded: boolean
  #reply: CloudEvent | undefined

  constructor({ mode, idleMs }: Streaming, taker: StreamTaker, read: (answer: StepAnswer) => Delivered) {
    this.#mode = mode
    this.idleMs = idleMs
    this.#taker = taker
    this.isBounded = taker.whole !== undefined
    this.#read = read
  }

  takes(status: number, headers: AnswerHeaders): boolean {
    if (status < 200 || status > 299 || status === 202 || status === 204) return false
    const type = String(headers['content-type'] ?? '')
    if (this.#mode !== 'always' && !streamed.has(essenceOf(type))) return false
    return isPlain(headers) && !isCloudEventsMediaType(type) && this.#taker.mayBegin()
  }

  begin(answer: StepAnswer) {
    const read = this.#read(answer)
    // Read again where answers are read, it is the same failure.
    if (read.kind !== 'reply') return answer
    this.#reply = { ...read.event, data: noOctets }
    return this.#taker.begin(this.#reply) ? undefined : ({ kind: 'aborted' } as const)
  }

  /** The reply that has come; without its data, where that has left. */
  get reply(): CloudEvent {
    if (this.#reply === undefined) throw new Error('an answer is streamed only once it has begun')
    const whole = this.#taker.whole?.()
    return whole === undefined ? this.#reply : { ...this.#reply, data: whole }
  }

  pass(octets: Uint8Array, drained: () => void): boolean {
    return this.#taker.pass(octets, drained)
  }
}

/** Types whose answers come bit by bit. */
const streamed: ReadonlySet<string> = new Set(['text/event-stream', 'application/x-ndjson', 'application/jsonl'])

const noOctets = new Uint8Array(0)

function isPlain({ 'content-encoding': encoding }: AnswerHeaders): boolean {
  return encoding === undefined || isIdentity(String(encoding))
}
