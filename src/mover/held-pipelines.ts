import type { Waiting } from '../ledger/record/waiting.ts'

/** Pipelines whose stored requests wait for a breaker, say, so that nobody begins more of them meanwhile. */
export class HeldPipelines {
  /** `until` is on a clock that nobody sets. */
  readonly #holds = new Map<string, { readonly until: number; readonly waiting: Waiting }>()

  hold(pipeline: string, ms: number, waiting: Waiting): void {
    const until = performance.now() + ms
    if (until > (this.#holds.get(pipeline)?.until ?? 0)) this.#holds.set(pipeline, { until, waiting })
  }

  held(pipeline: string): boolean {
    return this.of(pipeline) !== undefined
  }

  /** The reason for which requests of the pipeline wait now. */
  of(pipeline: string): Waiting | undefined {
    const hold = this.#holds.get(pipeline)
    return hold !== undefined && hold.until > performance.now() ? hold.waiting : undefined
  }
}
