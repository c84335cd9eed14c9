import type { Outcome } from '../event/outcome.ts'
import type { Serving } from '../flow/serving.ts'
import type { Follower } from '../flow/request.ts'
import type { Answer } from '../http/answer.ts'
import { EventStream } from '../http/event-stream.ts'
import { stepStatus } from '../ledger/record/status-document.ts'
import { stepRecord } from '../mover/settlement.ts'
import type { Arrival } from './arrival.ts'
import { replyText } from './reply-text.ts'

/**
 * The answer to a caller who waits and follows the request: server-sent events like those of a stored one (`running`
 * with each step that begins, then `replied` or `filtered`), then the reply as `reply`, or the problem as `failed`. A
 * last step that streams is passed through in place of `reply`. Begins with the first step.
 */
export class LiveAnswer implements Follower {
  readonly #arrival: Arrival
  readonly #serving: Serving
  readonly #stream: EventStream
  #passed = false

  constructor(arrival: Arrival, serving: Serving) {
    this.#arrival = arrival
    this.#serving = serving
    this.#stream = new EventStream(arrival.outgoing)
  }

  stepBegins(step: string): void {
    if (!this.#stream.isOpen) this.#stream.open(this.#arrival.id)
    this.#tell('running', step)
  }

  readonly passOn: Follower['passOn'] = (octets, drained) => {
    this.#passed = true
    return this.#stream.pass(octets, drained)
  }

  /** Ends the stream as the request ended; gives the answer back when nothing has begun. */
  end(outcome: Outcome, answer: Answer | undefined): Answer | undefined {
    if (!this.#stream.isOpen) return answer
    switch (outcome.kind) {
      case 'replied':
        this.#tell('replied')
        if (!this.#passed) this.#stream.send('reply', replyText(outcome.event))
        break
      case 'filtered':
        this.#tell('filtered')
        break
      case 'failed':
        this.#stream.send('failed', Buffer.from(answer?.body ?? '').toString())
        break
      case 'cancelled':
        break
    }
    this.#stream.end()
    return undefined
  }

  #tell(status: 'running' | 'replied' | 'filtered', step?: string): void {
    const { id, visits } = this.#arrival
    const { plan, generation } = this.#serving
    const { pipeline } = plan
    const steps = visits.map(visit => stepStatus(stepRecord(visit)))
    this.#stream.send(status, JSON.stringify({ id, pipeline, generation, status, step, steps }))
  }
}
