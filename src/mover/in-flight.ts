import type { Claim } from '../ledger/ledger.ts'
import type { RunEntry } from './run-entry.ts'

/** All requests that this replica has claimed. */
export class InFlight {
  readonly #entries = new Map<string, RunEntry>()

  add(entry: RunEntry): void {
    this.#entries.set(requestKey(entry.claimed), entry)
  }

  remove(entry: RunEntry): void {
    if (this.#entries.get(requestKey(entry.claimed)) === entry) this.#entries.delete(requestKey(entry.claimed))
  }

  /** Stops the run of a claim that is lost. */
  stop(claim: Claim): void {
    const entry = this.#entries.get(requestKey(claim))
    if (entry?.claimed.token === claim.token) entry.stop.abort()
  }

  stopAll(): void {
    for (const { stop } of this.#entries.values()) stop.abort()
  }

  /** Stops the run of a request that was cancelled. */
  cancel(pipeline: string, id: string): void {
    this.#entries.get(requestKey({ pipeline, id }))?.stop.abort()
  }

  get entries(): Iterable<RunEntry> {
    return this.#entries.values()
  }

  get claims(): readonly Claim[] {
    return [...this.#entries.values()].map(({ claimed }) => claimed)
  }

  get size(): number {
    return this.#entries.size
  }
}

/** Names a request among those of all pipelines. */
export const requestKey = ({ pipeline, id }: { readonly pipeline: string; readonly id: string }): string =>
  `${pipeline} ${id}`
