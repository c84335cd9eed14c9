import { setTimeout as delay } from 'node:timers/promises'
import type { End } from './counted-places.ts'
import { sendEvent } from './send-event.ts'

/** The callers know this when all is over. */
export interface Accounts {
  /** The request id of each 202, by the number of the event. */
  readonly accepted: ReadonlyMap<number, string>
  /** Answers other than 202. */
  readonly refused: number
  /** Calls that were cut off; each of their events was sent again. */
  readonly unanswered: number
}

export interface CallersOptions {
  /** Gateways that run now; none: the callers wait. */
  readonly urls: () => readonly string[]
  readonly random: () => number
  /** In a second, when nothing is in their way. */
  readonly rate: number
}

export interface Callers {
  readonly accepted: number
  /** Lets each caller have its last 202. */
  stop(): Promise<Accounts>
}

const callerCount = 32
const againMs = 50

/** The end that the event is made for: of twenty, one is filtered and one fails. */
export function endOf(n: number): End {
  if (n % 20 === 7) return 'filtered'
  return n % 20 === 13 ? 'failed' : 'replied'
}

/** Callers that send one event after the other, each until it is accepted, also when its answer did not come. */
export function startCallers(options: CallersOptions): Callers {
  const calling = new Calling(options)
  const callers = Array.from({ length: callerCount }, () => calling.run())
  return {
    get accepted() {
      return calling.accepted.size
    },
    async stop() {
      calling.stopped = true
      await Promise.all(callers)
      return calling
    }
  }
}

class Calling implements Accounts {
  readonly accepted = new Map<number, string>()
  refused = 0
  unanswered = 0
  stopped = false
  readonly #options: CallersOptions
  #last = 0

  constructor(options: CallersOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    const { random, rate } = this.#options
    const meanGapMs = (callerCount * 1000) / rate
    while (!this.stopped) {
      await this.#sendUntilAccepted(++this.#last)
      await delay(2 * random() * meanGapMs)
    }
  }

  async #sendUntilAccepted(n: number): Promise<void> {
    let id = await this.#send(n)
    for (; id === undefined; id = await this.#send(n)) await delay(againMs)
    this.accepted.set(n, id)
  }

  async #send(n: number): Promise<string | undefined> {
    const { urls, random } = this.#options
    const running = urls()
    const url = running[Math.floor(random() * running.length)]
    if (url === undefined) return undefined
    try {
      const response = await sendEvent(url, { n, end: endOf(n) })
      if (response.status === 202) return ((await response.json()) as { id: string }).id
      this.refused++
      await response.arrayBuffer()
    } catch {
      this.unanswered++
    }
    return undefined
  }
}
