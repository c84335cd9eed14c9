import type { ServerResponse } from 'node:http'
import type { Request } from '../flow/request.ts'

type EndSignal = Request['signal']

/** Aborted when the caller goes away before the answer is written, or has gone already. */
export const watchCaller = (outgoing: ServerResponse): EndSignal => new CallerSignal(outgoing)

class CallerSignal implements EndSignal {
  readonly #listeners = new Set<() => void>()
  #aborted = false

  constructor(outgoing: ServerResponse) {
    if (outgoing.destroyed) this.#aborted = !outgoing.writableFinished
    else outgoing.once('close', () => this.#close(outgoing))
  }

  get aborted(): boolean {
    return this.#aborted
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  #close({ writableFinished }: ServerResponse): void {
    if (writableFinished) return
    this.#aborted = true
    for (const listener of this.#listeners) listener()
  }
}
