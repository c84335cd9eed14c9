import { SluiceError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { startMover, type Mover, type MoverDeps } from './mover.ts'
import { startReplays, type Replays } from './replays.ts'

/** The ledger with the mover that works on it. */
export interface StoredRequests {
  readonly ledger: Ledger
  readonly mover: Mover
  readonly replays: Replays
}

export interface StoreDeps extends Omit<MoverDeps, 'ledger'> {
  readonly open: () => Promise<Ledger>
}

/**
 * Opens the ledger when it is first needed: a gateway whose callers all wait for their replies writes nothing, and
 * needs no file. What failed to open is tried again by the next request.
 */
export class Store implements AsyncDisposable {
  readonly #deps: StoreDeps
  #opening: Promise<StoredRequests> | undefined
  #opened: StoredRequests | undefined
  #closed = false

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  /** Throws STORE_UNAVAILABLE, or what opening throws. */
  use(): Promise<StoredRequests> {
    if (this.#closed) throw new SluiceError('SHUTTING_DOWN', 'the gateway is shutting down')
    this.#opening ??= this.#open().catch((thrown: unknown) => {
      this.#opening = undefined
      throw thrown
    })
    return this.#opening
  }

  /** What is open now. */
  get opened(): StoredRequests | undefined {
    return this.#opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const stored = await this.#opening?.catch(() => undefined)
    await stored?.replays[Symbol.asyncDispose]()
    await stored?.mover[Symbol.asyncDispose]()
    await stored?.ledger[Symbol.asyncDispose]()
  }

  async #open(): Promise<StoredRequests> {
    const ledger = await this.#deps.open()
    const mover = startMover({ ...this.#deps, ledger })
    const planOf = (pipeline: string) => this.#deps.find(pipeline)?.plan
    const replays = startReplays({ ...this.#deps, ledger, planOf, held: pipeline => mover.held(pipeline) })
    this.#opened = { ledger, mover, replays }
    return this.#opened
  }
}
