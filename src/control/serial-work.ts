import type { Logger } from '../telemetry/log.ts'

/** Work on definitions, one piece after the other: what is decided is served before the next is decided. */
export class SerialWork implements AsyncDisposable {
  readonly #log: Logger
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(log: Logger) {
    this.#log = log
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Rejects as the work does; the next is done in any case. */
  run(act: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => (this.#closed ? undefined : act()))
    this.#last = done.catch((thrown: unknown) => {
      this.#log.debug({ err: thrown }, 'definitions could not be reconciled; it is tried again')
    })
    return done
  }

  /** Answers a function that has this done soon: once, however often it is called before that begins. */
  soon(act: () => Promise<void>): () => void {
    let isAsked = false
    return () => {
      if (isAsked) return
      isAsked = true
      void this.run(() => {
        isAsked = false
        return act()
      }).catch(() => {})
    }
  }

  /** Begins nothing more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#last
  }
}
