import type { Controlled } from './controlled.ts'
import type { Reconciler } from './reconciler.ts'

/** A pipeline has come, has changed, or is gone. */
export type Change = 'ADDED' | 'MODIFIED' | 'DELETED'

export interface PipelineChange {
  readonly change: Change
  readonly entry: Controlled
}

export interface FeedFilter {
  /** Others are none of its business. */
  readonly wants: (entry: Controlled) => boolean
  /** Whether the pipeline has what is watched, and may lose it. */
  readonly has: (entry: Controlled) => boolean
}

/**
 * Gathers changes for one who takes them at his own pace: several of one pipeline become the newest of them, so that the
 * slowest costs no more than an entry for each pipeline.
 */
export class ChangeFeed implements Disposable {
  readonly #known: Set<string>
  readonly #pending = new Map<string, PipelineChange>()
  readonly #watching: Disposable
  readonly #has: FeedFilter['has']
  #arrived = Promise.withResolvers<void>()

  /** `known`: those that are not to be told as new. */
  constructor(reconciler: Pick<Reconciler, 'watch'>, known: Iterable<string>, { wants, has }: FeedFilter) {
    this.#known = new Set(known)
    this.#has = has
    this.#watching = reconciler.watch(entry => {
      if (wants(entry)) this.#add(entry)
    })
  }

  /** Resolves when there is something to take. */
  get arrived(): Promise<void> {
    return this.#pending.size > 0 ? Promise.resolve() : this.#arrived.promise
  }

  /** The next change; `undefined`: there is none now. */
  take(): PipelineChange | undefined {
    const [next] = this.#pending
    if (next === undefined) return undefined
    const [pipeline, change] = next
    this.#pending.delete(pipeline)
    if (change.change === 'DELETED') this.#known.delete(pipeline)
    else this.#known.add(pipeline)
    return change
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]()
  }

  #add(entry: Controlled): void {
    const { pipeline, phase } = entry
    const isKnown = this.#known.has(pipeline)
    if (phase !== 'Gone' && this.#has(entry))
      this.#pending.set(pipeline, { change: isKnown ? 'MODIFIED' : 'ADDED', entry })
    else if (isKnown) this.#pending.set(pipeline, { change: 'DELETED', entry })
    else this.#pending.delete(pipeline)
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers<void>()
  }
}
