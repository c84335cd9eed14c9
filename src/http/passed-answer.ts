import type { ServerResponse } from 'node:http'
import { cut, cutSoon } from './cut.ts'
import { EventSeam } from './event-seam.ts'
import { eventText } from './event-text.ts'

/** An answer whose octets somebody else gives, as they come. */
export class PassedAnswer {
  readonly #outgoing: ServerResponse
  /** `undefined`: they are no server-sent events. */
  readonly #seam: EventSeam | undefined

  /** Begins the answer; from here on no status tells of a failure. */
  constructor(outgoing: ServerResponse, headers: readonly string[], isEventStream: boolean) {
    this.#outgoing = outgoing
    this.#seam = isEventStream ? new EventSeam() : undefined
    outgoing.writeHead(200, [...headers, 'cache-control', 'no-store', 'x-accel-buffering', 'no'])
  }

  /** False: the caller reads slowly; `drained` is called when it has. */
  pass(octets: Uint8Array, drained: () => void): boolean {
    this.#seam?.passed(octets)
    if (this.#outgoing.write(octets)) return true
    this.#outgoing.once('drain', drained)
    return false
  }

  end(): void {
    this.#outgoing.end()
  }

  /**
   * Server-sent events tell the problem as `error`; whatever it is, the answer then has no end that a client could take
   * for one.
   */
  breakOff(problem: string): void {
    if (this.#seam === undefined) return cut(this.#outgoing)
    this.#outgoing.write(`${this.#seam.close()}${eventText('error', problem)}`)
    cutSoon(this.#outgoing)
  }
}
