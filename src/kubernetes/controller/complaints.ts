import type { Logger } from '../../telemetry/log.ts'

/** A sentence is told again after so long, in milliseconds. */
const againMs = 300_000
const mostKept = 1_000

/** Work that could not be done: a sentence is worth one line in a while, however often it is true. */
export class Complaints {
  readonly #log: Logger
  readonly #toldAt = new Map<string, number>()

  constructor(log: Logger) {
    this.#log = log
  }

  tell(reason: string): void {
    const now = performance.now()
    if (now - (this.#toldAt.get(reason) ?? -Infinity) < againMs) return
    if (this.#toldAt.size > mostKept) this.#toldAt.clear()
    this.#toldAt.set(reason, now)
    this.#log.warn({ reason }, 'something could not be done; it is tried again')
  }
}
