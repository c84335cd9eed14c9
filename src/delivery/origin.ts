import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import type { BodyMemory } from '../event/body-memory.ts'
import type { EndSignal } from '../event/end-signal.ts'
import { EgressRefused } from './connect.ts'
import { Exchange, type Exchanged } from './exchange.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'
import { skipContinue } from './skip-continue.ts'
import { Slots } from './slots.ts'
import { StreamedExchange, type AnswerTaker, type ExchangeClock } from './streamed-exchange.ts'
import { Client, Pool } from './undici-parts.ts'

export interface OriginOptions {
  readonly connect: buildConnector.connector
  /** Connections at most; more requests wait, which counts against their timeout. */
  readonly connections: number
  /** Counts what has come of answers. */
  readonly memory: BodyMemory
}

export interface OriginRequest {
  readonly path: string
  readonly headers: string[]
  readonly body: Uint8Array | undefined
  /** Of the answer. */
  readonly maxBytes: number
  readonly timeoutMs: number
  /** Since when the timeout counts, on the clock of `performance.now()`. */
  readonly startedAt: number
  readonly signal: EndSignal
  /** Takes the answer as it comes; `undefined`: it is collected. */
  readonly taker: AnswerTaker | undefined
}

/** One scheme, host and port that steps call: its connections and its retry budget. */
export class Origin implements AsyncDisposable {
  readonly name: string
  readonly budget: RetryBudget = createRetryBudget()
  readonly #pool: Pool
  readonly #connect: buildConnector.connector
  readonly #slots: Slots
  readonly #memory: BodyMemory
  #active = 0

  constructor(name: string, { connect, connections, memory }: OriginOptions) {
    this.name = name
    this.#memory = memory
    this.#connect = connect
    this.#slots = new Slots(connections)
    this.#pool = new Pool(name, { ...clientOptions, connections, factory: () => createClient(name, connect) })
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
      this.#send(request, this.#pool, exchanged => {
        resolve(exchanged.kind === 'broken' && exchanged.stale ? this.#postAfresh(request) : exchanged)
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy()
  }

  /** Within what is left of the time: both are one attempt. */
  async #postAfresh(request: OriginRequest): Promise<Exchanged> {
    const timeoutMs = Math.max(1, request.timeoutMs - (performance.now() - request.startedAt))
    await using fresh = createDisposableClient(this.name, this.#connect)
    return await new Promise(resolve => this.#send({ ...request, timeoutMs }, fresh.client, resolve))
  }

  #send(request: OriginRequest, dispatcher: Pool | Client, settle: (exchanged: Exchanged) => void): void {
    if (request.signal.aborted) return settle({ kind: 'aborted' })
    this.#active++
    let holdsSlot = false
    const exchange = createExchange(
      request,
      this.#memory,
      {
        set: milliseconds => {
          clearTimeout(timer)
          timer = setTimeout(expire, milliseconds)
        },
        restart: () => void timer.refresh()
      },
      exchanged => {
        clearTimeout(timer)
        request.signal.removeEventListener('abort', abort)
        leave()
        if (holdsSlot) this.#slots.release()
        this.#active--
        settle(exchanged)
      }
    )
    const abort = (): void => exchange.end({ kind: 'aborted' })
    const expire = (): void => exchange.expire()
    let timer = setTimeout(expire, request.timeoutMs)
    request.signal.addEventListener('abort', abort)
    let leave = (): void => {}
    leave = this.#slots.take(() => {
      holdsSlot = true
      dispatcher.dispatch(dispatchOptions(request), exchange)
    })
  }
}

function createExchange(
  { maxBytes, taker }: OriginRequest,
  memory: BodyMemory,
  clock: ExchangeClock,
  settle: (exchanged: Exchanged) => void
): Exchange {
  return taker === undefined
    ? new Exchange(maxBytes, memory, settle)
    : new StreamedExchange({ maxBytes, memory, taker, clock }, settle)
}

/** Timeouts are ours (they count the wait for a connection); an answer may be as slow as the step's timeout. */
const clientOptions = { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false } as const

const dispatchOptions = ({ path, headers, body }: OriginRequest) =>
  ({ path, method: 'POST', headers, body: body ?? null }) as const

/** A client that tells each exchange how much was read from its connection, so that a stale one is recognised. */
class MarkedClient extends Client {
  readonly #socket: { current: Socket | undefined }

  constructor(name: string, connect: buildConnector.connector) {
    const socket: { current: Socket | undefined } = { current: undefined }
    super(name, {
      ...clientOptions,
      connect: (options, callback) => {
        // The connection before this one is gone: what fails from now on was not waiting for it.
        socket.current = undefined
        connect(options, (...result) => {
          socket.current = result[1] ?? undefined
          callback(...result)
        })
      }
    })
    this.#socket = socket
    this.on('connect', () => skipContinue(socket.current))
  }

  override dispatch(options: Parameters<Client['dispatch']>[0], handler: Parameters<Client['dispatch']>[1]): boolean {
    if (handler instanceof Exchange) handler.carriedBy(() => this.#socket.current?.bytesRead ?? 0)
    return super.dispatch(options, handler)
  }
}

const createClient = (name: string, connect: buildConnector.connector): Client => new MarkedClient(name, connect)

function createDisposableClient(name: string, connect: buildConnector.connector) {
  const client = createClient(name, connect)
  return { client, [Symbol.asyncDispose]: () => client.destroy() }
}
