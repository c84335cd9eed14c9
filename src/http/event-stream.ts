import type { ServerResponse } from 'node:http'
import { cutSoon } from './cut.ts'
import { EventSeam } from './event-seam.ts'
import { eventText } from './event-text.ts'

/** Proxies close connections on which nothing comes. */
const heartbeatMs = 15_000
/** Heartbeats without the caller having taken anything, after which it counts as gone. */
const patience = 4

/** Server-sent events to one caller, as an answer that goes on until `end`. */
export class EventStream {
  readonly #outgoing: ServerResponse
  readonly #seam = new EventSeam()
  #heartbeat: NodeJS.Timeout | undefined
  #inVain = 0

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing
  }

  get isOpen(): boolean {
    return this.#heartbeat !== undefined
  }

  /** Begins the answer; from here on an error can only be an event. */
  open(requestId: string): void {
    this.#outgoing.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'sluice-request-id': requestId
    })
    this.#outgoing.flushHeaders()
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    this.#outgoing.once('close', () => clearInterval(this.#heartbeat))
  }

  /** An event with a name. False: the caller reads slowly; `drained` is called when it has. */
  send(event: string, data: string, id?: number | string, drained?: () => void): boolean {
    return this.#write(`${this.#seam.close()}${eventText(event, data, id)}`, drained)
  }

  /** Passes octets through that are events already. False: the caller reads slowly; `drained` is called when it has. */
  pass(octets: Uint8Array, drained: () => void): boolean {
    this.#seam.passed(octets)
    return this.#write(octets, drained)
  }

  end(): void {
    clearInterval(this.#heartbeat)
    this.#outgoing.end()
  }

  /** Tells the problem as `error`, and gives the answer no end that a client could take for one. */
  breakOff(problem: string): void {
    clearInterval(this.#heartbeat)
    this.send('error', problem)
    cutSoon(this.#outgoing)
  }

  #write(octets: Uint8Array | string, drained: (() => void) | undefined): boolean {
    if (this.#outgoing.write(octets)) return true
    if (drained !== undefined) this.#outgoing.once('drain', drained)
    return false
  }

  #beat(): void {
    this.#inVain = this.#outgoing.writableNeedDrain ? this.#inVain + 1 : 0
    if (this.#inVain >= patience) this.#outgoing.destroy()
    else if (this.#inVain === 0 && this.#seam.isBetweenEvents) this.#outgoing.write(': still here\n\n')
  }
}
