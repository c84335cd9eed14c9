import type { Claim } from '../ledger/work.ts'
import { UnorderedList } from '../flow/unordered-list.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import type { InFlightRequest } from './in-flight-request.ts'

/** All requests that this replica has claimed. One may be in it twice: claimed anew before its lost run has ended. */
export class InFlight {
  readonly #entries = new UnorderedList<InFlightRequest>()
  #emptied: PromiseWithResolvers<void> | undefined

  add(entry: InFlightRequest): void {
    this.#entries.add(entry)
  }

  remove(entry: InFlightRequest): void {
    this.#entries.remove(entry)
    if (this.size > 0) return
    this.#emptied?.resolve()
    this.#emptied = undefined
  }

  /** Resolves as soon as nothing is in flight. */
  async empty(): Promise<void> {
    while (this.size > 0) {
      this.#emptied ??= Promise.withResolvers()
      await this.#emptied.promise
    }
  }

  /** Stops the run of a claim that is lost. */
  stop({ pipeline, id, token }: Claim): void {
    for (const { claimed, stop } of this.#runsOf(pipeline, id)) if (claimed.token === token) stop.abort()
  }

  stopAll(): void {
    for (const { stop } of this.entries.slice()) stop.abort()
  }

  /** Stops the run of a request that was cancelled. */
  cancel(pipeline: string, id: string): void {
    for (const { stop } of this.#runsOf(pipeline, id)) stop.abort()
  }

  /** The steps of a request that runs here; `undefined`: it does not. */
  stepsOf(pipeline: string, id: string): readonly StepNow[] | undefined {
    return this.#runsOf(pipeline, id).at(-1)?.watch.steps
  }

  get entries(): readonly InFlightRequest[] {
    return this.#entries.items
  }

  get claims(): readonly Claim[] {
    return this.entries.map(({ claimed }) => claimed)
  }

  get size(): number {
    return this.entries.length
  }

  /** Looked for one by one: that is rare, while every request is added and removed. */
  #runsOf(pipeline: string, id: string): InFlightRequest[] {
    return this.entries.filter(({ claimed }) => claimed.id === id && claimed.pipeline === pipeline)
  }
}
