import { SluiceError } from '../errors.ts'

/**
 * Opens the ledger, and what works on it, when it is first needed: a gateway whose callers all wait for their replies
 * writes nothing, and needs no file. What failed to open is tried again by the next request.
 */
export class Store<Opened extends AsyncDisposable> implements AsyncDisposable {
  /** Resolves when it is open; never, if nobody needs it. */
  readonly whenOpened: Promise<Opened>
  readonly #open: () => Promise<Opened>
  #opening: Promise<Opened> | undefined
  #opened: Opened | undefined
  #closed = false

  constructor(open: () => Promise<Opened>) {
    const { promise, resolve } = Promise.withResolvers<Opened>()
    this.whenOpened = promise
    this.#open = async () => {
      this.#opened = await open()
      resolve(this.#opened)
      return this.#opened
    }
  }

  /** Throws STORE_UNAVAILABLE, or what opening throws. */
  use(): Promise<Opened> {
    if (this.#closed) throw new SluiceError('SHUTTING_DOWN', 'the gateway is shutting down')
    this.#opening ??= this.#open().catch((thrown: unknown) => {
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
}
