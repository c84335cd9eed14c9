import type { buildConnector } from 'undici'
import type { BodyMemory } from '../event/body-memory.ts'
import { Clients } from './clients.ts'
import { EgressRefused } from './connect.ts'
import type { Exchanged } from './exchange.ts'
import type { OriginRequest } from './origin-request.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'
import { Sending } from './sending.ts'

export interface OriginOptions {
  readonly connect: buildConnector.connector
  /** Connections at most; more requests wait, which counts against their timeout. */
  readonly connections: number
  /** Counts what has come of answers. */
  readonly memory: BodyMemory
}

/** One scheme, host and port that steps call: its connections and its retry budget. */
export class Origin implements AsyncDisposable {
  readonly name: string
  readonly budget: RetryBudget = createRetryBudget()
  readonly #connect: buildConnector.connector
  readonly #clients: Clients
  readonly #memory: BodyMemory
  #active = 0

  constructor(name: string, { connect, connections, memory }: OriginOptions) {
    this.name = name
    this.#memory = memory
    this.#connect = connect
    this.#clients = new Clients(name, connect, connections)
  }

  get idle(): boolean {
    return this.#active === 0
  }

  /** Whether somebody takes connections here; also where the egress rules say no, which only a call can tell. */
  connects(): Promise<boolean> {
    const { protocol, hostname, host, port } = new URL(this.name)
    return new Promise(resolve => {
      this.#connect({ protocol, hostname, host, port }, (...[error, socket]) => {
        socket?.destroy()
        resolve(error === null || error instanceof EgressRefused)
      })
    })
  }

  /** POSTs once. A stale connection is not an attempt: the request goes out again, on a fresh one. */
  post(request: OriginRequest): Promise<Exchanged> {
    return new Promise(resolve => {
      this.#send(request, false, exchanged => {
        resolve(exchanged.kind === 'broken' && exchanged.stale ? this.#postAfresh(request) : exchanged)
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clients[Symbol.asyncDispose]()
  }

  /** Within what is left of the time: both are one attempt. */
  #postAfresh(request: OriginRequest): Promise<Exchanged> {
    const timeoutMs = Math.max(1, request.timeoutMs - (performance.now() - request.startedAt))
    return new Promise(resolve => this.#send({ ...request, timeoutMs }, true, resolve))
  }

  #send(request: OriginRequest, afresh: boolean, tell: (exchanged: Exchanged) => void): void {
    if (request.signal.aborted) return tell({ kind: 'aborted' })
    this.#active++
    const settle = (exchanged: Exchanged): void => {
      this.#active--
      tell(exchanged)
    }
    new Sending(request, { clients: this.#clients, memory: this.#memory, settle }).begin(afresh)
  }
}
