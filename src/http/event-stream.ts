import type { ServerResponse } from 'node:http'

/** Proxies close connections on which nothing comes. */
const heartbeatMs = 15_000
/** Heartbeats without the caller having taken anything, after which it counts as gone. */
const patience = 4

/** Server-sent events to one caller, as an answer that goes on until `end`. */
export class EventStream {
  readonly #outgoing: ServerResponse
  #heartbeat: NodeJS.Timeout | undefined
  #inVain = 0
  /** The last octets that were passed through, where an event of somebody else may be unfinished. */
  #tail = ''

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

  /** An event with a name, and data of any number of lines. */
  send(event: string, data: string, id?: number): void {
    // What was passed through may have broken off in the middle of an event, which must not take this one in.
    const parted = this.#betweenEvents ? '' : '\n\n'
    this.#tail = ''
    const lines = data.split(/\r\n|[\r\n]/).map(line => `data: ${line}\n`)
    this.#outgoing.write(`${parted}${id === undefined ? '' : `id: ${id}\n`}event: ${event}\n${lines.join('')}\n`)
  }

  /** Passes octets through that are events already. False: the caller reads slowly; `drained` is called when it has. */
  pass(octets: Uint8Array, drained: () => void): boolean {
    this.#tail = (this.#tail + Buffer.from(octets.subarray(-3)).toString('latin1')).slice(-3)
    if (this.#outgoing.write(octets)) return true
    this.#outgoing.once('drain', drained)
    return false
  }

  end(): void {
    clearInterval(this.#heartbeat)
    this.#outgoing.end()
  }

  get #betweenEvents(): boolean {
    return this.#tail === '' || /\n\n$|[\n\r]\r\n?$/.test(this.#tail)
  }

  #beat(): void {
    this.#inVain = this.#outgoing.writableNeedDrain ? this.#inVain + 1 : 0
    if (this.#inVain >= patience) this.#outgoing.destroy()
    else if (this.#inVain === 0 && this.#betweenEvents) this.#outgoing.write(': still here\n\n')
  }
}
