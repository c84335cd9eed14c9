import type { SluiceError } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'

/** How long nothing may have failed before an outage is over, so that a store that comes and goes is one outage. */
const calmMs = 3_000

/** Tells the log once that the store is away, however many calls fail meanwhile, and once that it is back. */
export class Outage {
  readonly #store: string
  readonly #log: Logger
  /** The last failure, and when it was; `undefined`: there is no outage. */
  #last: { readonly error: SluiceError; readonly at: number } | undefined
  #isLost = false

  constructor(store: string, log: Logger) {
    this.#store = store
    this.#log = log
  }

  /** Why the store is away; `undefined`: it is not. */
  get reason(): string | undefined {
    return this.#last?.error.message
  }

  failed(error: SluiceError): void {
    if (this.#isLost) return
    if (this.#last === undefined) this.#log.warn({ store: this.#store, err: error }, 'the store is not available')
    this.#last = { error, at: performance.now() }
  }

  /** The store will not come back by itself, whatever still works. */
  lost(error: SluiceError): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#last = { error, at: performance.now() }
    this.#log.error({ store: this.#store, err: error }, 'the store accepts nothing any more')
  }

  worked(): void {
    if (this.#isLost || this.#last === undefined || performance.now() - this.#last.at < calmMs) return
    this.#last = undefined
    this.#log.info({ store: this.#store }, 'the store is available again')
  }
}
