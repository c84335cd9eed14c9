/** How long a call is withdrawn again and again, in milliseconds: longer than what it accepted can be claimed for. */
const repeatedForMs = 15_000

/** More than one replica refuses in that time; older ones were withdrawn before. */
const kept = 1000

/**
 * Calls whose callers were refused, so that nothing of what they accepted may run. One withdrawal is not enough: a failover
 * to a replica that has the acceptance, and not yet its withdrawal, undoes it, and a call that got no answer may be carried
 * out later.
 */
export class RefusedCalls {
  readonly #byPipeline = new Map<string, Map<string, number>>()

  get pipelines(): Iterable<string> {
    return this.#byPipeline.keys()
  }

  add(pipeline: string, call: string): void {
    const calls = this.#byPipeline.get(pipeline) ?? new Map<string, number>()
    this.#byPipeline.set(pipeline, calls.set(call, performance.now()))
    const [oldest] = calls.keys()
    if (calls.size > kept && oldest !== undefined) calls.delete(oldest)
  }

  of(pipeline: string): readonly string[] {
    return [...(this.#byPipeline.get(pipeline)?.keys() ?? [])]
  }

  /** All that there were at that moment were withdrawn once more; `since` is a time of `performance.now()`. */
  withdrawn(pipeline: string, since: number): void {
    const calls = this.#byPipeline.get(pipeline)
    if (calls === undefined) return
    for (const [call, refusedAt] of calls) if (since - refusedAt > repeatedForMs) calls.delete(call)
    if (calls.size === 0) this.#byPipeline.delete(pipeline)
  }
}
