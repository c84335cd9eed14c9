import type { Logger } from '../telemetry/log.ts'

/** How long nothing may have failed before an outage is over, so that a store that comes and goes is one outage. */
const calmMs = 3_000

/** Tells the log once that the store is away, however many calls fail meanwhile, and once that it is back. */
export class Outage {
  readonly #store: string
  readonly #log: Logger
  #failedAt: number | undefined

  constructor(store: string, log: Logger) {
    this.#store = store
    this.#log = log
  }

  failed(error: unknown): void {
    if (this.#failedAt === undefined) this.#log.warn({ store: this.#store, err: error }, 'the store is not available')
    this.#failedAt = performance.now()
  }

  worked(): void {
    if (this.#failedAt === undefined || performance.now() - this.#failedAt < calmMs) return
    this.#failedAt = undefined
    this.#log.info({ store: this.#store }, 'the store is available again')
  }
}
