import type { BodyMemory } from '../event/body-memory.ts'
import type { Clients, OneClient } from './clients.ts'
import { Exchange, type Exchanged, type ExchangeOwner } from './exchange.ts'
import type { OriginRequest } from './origin-request.ts'
import { StreamedExchange } from './streamed-exchange.ts'

export interface SendingDeps {
  readonly clients: Clients
  readonly memory: BodyMemory
  readonly settle: (exchanged: Exchanged) => void
}

/**
 * One request on its way to an origin: it waits for a client, goes out, and ends by its answer, its time or its signal.
 * Each call of a step makes one, which is why this is an object, and not a closure for each of these.
 */
export class Sending implements ExchangeOwner {
  readonly #request: OriginRequest
  readonly #deps: SendingDeps
  readonly #exchange: Exchange
  #timer: NodeJS.Timeout
  #client: OneClient | undefined
  /** Leaves the line of those who wait for a client. */
  #leave: (() => void) | undefined

  constructor(request: OriginRequest, deps: SendingDeps) {
    this.#request = request
    this.#deps = deps
    this.#exchange = this.#createExchange(request, deps)
    this.#timer = this.#expiry(request.timeoutMs)
    request.signal.addEventListener('abort', this.#abort)
  }

  /** `afresh`: on a connection of its own. */
  begin(afresh: boolean): void {
    const { clients } = this.#deps
    if (clients.tryEnter()) this.#send(afresh)
    else this.#leave = clients.wait(() => this.#send(afresh))
  }

  ended(exchanged: Exchanged): void {
    clearTimeout(this.#timer)
    this.#request.signal.removeEventListener('abort', this.#abort)
    if (this.#client === undefined) this.#leave?.()
    else this.#giveBack(this.#client, exchanged)
    this.#deps.settle(exchanged)
  }

  expiresIn(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = this.#expiry(milliseconds)
  }

  restart(): void {
    this.#timer.refresh()
  }

  readonly #abort = (): void => this.#exchange.end({ kind: 'aborted' })

  #send(afresh: boolean): void {
    const { clients } = this.#deps
    const client = (this.#client = afresh ? clients.takeNew() : clients.take())
    const { path, headers, body } = this.#request
    this.#exchange.carriedBy(client.carrier)
    client.dispatch({ path, method: 'POST', headers, body: body ?? null }, this.#exchange)
  }

  #giveBack(client: OneClient, exchanged: Exchanged): void {
    const { clients } = this.#deps
    const { kind } = exchanged.kind === 'streamed' ? exchanged.ended : exchanged
    if (exchanged.kind === 'broken' && exchanged.stale) clients.drop(client)
    else clients.giveBack(client, kind === 'answered')
  }

  #expiry(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#exchange.expire(), milliseconds)
  }

  #createExchange({ maxBytes, taker }: OriginRequest, { memory }: SendingDeps): Exchange {
    return taker === undefined
      ? new Exchange(maxBytes, memory, this)
      : new StreamedExchange(maxBytes, memory, this, taker)
  }
}
