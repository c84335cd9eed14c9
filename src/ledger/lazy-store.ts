import { SluiceError, messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'

/**
 * Opens the ledger, and what works on it, when it is first needed: a gateway whose callers all wait for their replies
 * writes nothing, and needs no file. The next request tries a failed opening again; the log tells of it once,
 * however often it fails in the same way.
 */
export class LazyStore<Opened extends AsyncDisposable> implements AsyncDisposable {
  /** Resolves when it is open; never, if nobody needs it. */
  readonly whenOpened: Promise<Opened>
  readonly #open: () => Promise<Opened>
  readonly #log: Logger
  #opening: Promise<Opened> | undefined
  #opened: Opened | undefined
  #failure: string | undefined
  #closed = false

  constructor(open: () => Promise<Opened>, log: Logger) {
    const { promise, resolve } = Promise.withResolvers<Opened>()
    this.whenOpened = promise
    this.#log = log
    this.#open = async () => {
      this.#opened = await open()
      if (this.#failure !== undefined) log.info({ failure: this.#failure }, 'the store is open now')
      this.#failure = undefined
      resolve(this.#opened)
      return this.#opened
    }
  }

  /** Throws STORE_UNAVAILABLE, or what opening throws. */
  use(): Promise<Opened> {
    if (this.#closed) throw new SluiceError('SHUTTING_DOWN', 'the gateway is shutting down')
    this.#opening ??= this.#open().catch((thrown: unknown) => {
      this.#opening = undefined
      this.#tellFailure(thrown)
      throw thrown
    })
    return this.#opening
  }

  /** The open store, if it is open now. */
  get opened(): Opened | undefined {
    return this.#opened
  }

  /** Why it could not be opened the last time; `undefined`: it was, or nobody has tried. */
  get failure(): string | undefined {
    return this.#failure
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const opened = await this.#opening?.catch(() => undefined)
    await opened?.[Symbol.asyncDispose]()
  }

  #tellFailure(thrown: unknown): void {
    const failure = messageOf(thrown)
    if (failure !== this.#failure) this.#log.error({ err: thrown }, 'the store cannot be opened; nothing is stored')
    this.#failure = failure
  }
}
