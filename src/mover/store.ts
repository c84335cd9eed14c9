import { SluiceError } from '../errors.ts'

/**
 * Opens the ledger, and what works on it, when it is first needed: a gateway whose callers all wait for their replies
 * writes nothing, and needs no file. What failed to open is tried again by the next request.
 */
export class Store<Opened extends AsyncDisposable> implements AsyncDisposable {
  readonly #open: () => Promise<Opened>
  #opening: Promise<Opened> | undefined
  #opened: Opened | undefined
  #closed = false

  constructor(open: () => Promise<Opened>) {
    this.#open = open
  }

  /** Throws STORE_UNAVAILABLE, or what opening throws. */
  use(): Promise<Opened> {
    if (this.#closed) throw new SluiceError('SHUTTING_DOWN', 'the gateway is shutting down')
    this.#opening ??= this.#openNow().catch((thrown: unknown) => {
      this.#opening = undefined
      throw thrown
    })
    return this.#opening
  }

  /** What is open now. */
  get opened(): Opened | undefined {
    return this.#opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const opened = await this.#opening?.catch(() => undefined)
    await opened?.[Symbol.asyncDispose]()
  }

  async #openNow(): Promise<Opened> {
    this.#opened = await this.#open()
    return this.#opened
  }
}
