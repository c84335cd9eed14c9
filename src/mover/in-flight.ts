import type { Claim } from '../ledger/ledger.ts'
import type { Buffer, RunEntry } from './run-entry.ts'

/** All requests that this replica has claimed. */
export class InFlight {
  readonly #entries = new Map<string, RunEntry>()

  add(entry: RunEntry): void {
    this.#entries.set(keyOf(entry.claimed), entry)
  }

  remove(entry: RunEntry): void {
    if (this.#entries.get(keyOf(entry.claimed)) === entry) this.#entries.delete(keyOf(entry.claimed))
  }

  /** Stops the run of a claim that is lost. */
  stop(claim: Claim): void {
    const entry = this.#entries.get(keyOf(claim))
    if (entry?.claimed.token === claim.token) entry.stop.abort()
  }

  stopAll(): void {
    for (const { stop } of this.#entries.values()) stop.abort()
  }

  /** Stops the run of a request that was cancelled. */
  cancel(pipeline: string, id: string): void {
    this.#entries.get(keyOf({ pipeline, id }))?.stop.abort()
  }

  get claims(): readonly Claim[] {
    return [...this.#entries.values()].map(({ claimed }) => claimed)
  }

  get size(): number {
    return this.#entries.size
  }

  count(buffer: Buffer): number {
    let count = 0
    for (const entry of this.#entries.values()) if (entry.buffer === buffer) count++
    return count
  }
}

const keyOf = ({ pipeline, id }: { readonly pipeline: string; readonly id: string }): string => `${pipeline} ${id}`
