import type { LookupAddress } from 'node:dns'
import type { ResolveName } from './resolve-name.ts'

export type Found = (error: Error | null, addresses: readonly LookupAddress[]) => void

interface UnderWay {
  readonly waiting: Set<Found>
  readonly giveUp: AbortController
}

/** Looks each name up once for all who wait for it, and gives up when the last of them has left. */
export class SharedLookups {
  readonly #resolve: ResolveName
  readonly #underWay = new Map<string, UnderWay>()

  constructor(resolve: ResolveName) {
    this.#resolve = resolve
  }

  /** Calls `found` once, later; the answer is how to leave before. */
  join(name: string, found: Found): () => void {
    const lookup = this.#underWay.get(name) ?? this.#start(name)
    const waiter: Found = (error, addresses) => found(error, addresses)
    lookup.waiting.add(waiter)
    return () => {
      if (!lookup.waiting.delete(waiter) || lookup.waiting.size > 0) return
      if (this.#underWay.get(name) === lookup) this.#underWay.delete(name)
      lookup.giveUp.abort()
    }
  }

  #start(name: string): UnderWay {
    const lookup: UnderWay = { waiting: new Set(), giveUp: new AbortController() }
    this.#underWay.set(name, lookup)
    const end: Found = (error, addresses) => {
      if (this.#underWay.get(name) === lookup) this.#underWay.delete(name)
      for (const found of lookup.waiting) found(error, addresses)
      lookup.waiting.clear()
    }
    this.#resolve(name, lookup.giveUp.signal).then(
      addresses => end(null, addresses),
      (thrown: unknown) => end(thrown instanceof Error ? thrown : new Error(String(thrown)), [])
    )
    return lookup
  }
}
