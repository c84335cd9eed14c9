import { existsSync } from 'node:fs'
import { StoreFault } from '../store-fault.ts'

/**
 * The log that a connection of this process has left beside the file when it was closed after a failure: the file is
 * not whole without it. SQLite would open the file all the same, and take it for damaged, or for one that has lost the
 * last transactions.
 */
export class LeftLog {
  readonly #file: string
  readonly #log: string
  #isLeft = false

  constructor(path: string) {
    this.#file = path
    this.#log = `${path}-wal`
  }

  /**
   * Runs an action that may close a connection: SQLite then moves the log into the file and removes it, or leaves it.
   */
  watch<T>(action: () => T): T {
    const wasThere = existsSync(this.#log)
    try {
      return action()
    } finally {
      // A log that has gone with its file was taken away by somebody, as one that was not there before.
      this.#isLeft = !wasThere || existsSync(this.#log) || !existsSync(this.#file)
    }
  }

  /** Throws while the file, or the log that belongs to it, is not where it was. */
  refuseParts(): void {
    // With its disk perhaps: a new file in its place would hide what was accepted.
    if (!existsSync(this.#file)) throw new StoreFault(`the file of the store is gone: ${this.#file}`)
    if (!this.#isLeft || existsSync(this.#log)) return
    throw new StoreFault(
      `the log of the store is gone: ${this.#log}: put it back beside the file; ` +
        'if another program (sqlite3, say) has moved it into the file, restart the gateway'
    )
  }
}
