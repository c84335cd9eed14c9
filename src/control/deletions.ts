import type { Ledger } from '../ledger/ledger.ts'
import { cancelOpen } from './cancel-open.ts'
import type { KeptReading } from './kept-reading.ts'

export interface DeletionsDeps {
  readonly kept: Pick<KeptReading, 'definitions' | 'store'>
  /** `undefined`: the store is not open. */
  readonly ledger: () => Pick<Ledger, 'list' | 'cancel' | 'pending'> | undefined
  /** Looks at the kept definitions again: they have changed. */
  readonly refresh: () => Promise<void>
}

/** Deletions of definitions of the admin API that are over, of which the store does not know yet. */
export class Deletions implements AsyncDisposable {
  readonly #deps: DeletionsDeps
  readonly #finishing = new Map<string, Promise<void>>()
  readonly #ending = new AbortController()

  constructor(deps: DeletionsDeps) {
    this.#deps = deps
  }

  /** Nothing of the pipeline is here any more: the store is told the last word on its definition. */
  finish(pipeline: string): void {
    if (this.#ending.signal.aborted || this.#finishing.has(pipeline)) return
    const finishing = this.#forget(pipeline)
      .catch(() => {})
      .finally(() => this.#finishing.delete(pipeline))
    this.#finishing.set(pipeline, finishing)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#finishing.values())
  }

  async #forget(pipeline: string): Promise<void> {
    const { kept: reading, ledger, refresh } = this.#deps
    const kept = reading.definitions.get(pipeline)
    if (kept?.deleting !== true || kept.definition === undefined) return
    const open = ledger()
    if (kept.cancelling === true && open !== undefined) await cancelOpen(open, pipeline, this.#ending.signal)
    await reading.store?.write(pipeline, kept, { deleting: false })
    await refresh()
  }
}
