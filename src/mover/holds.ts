/** Pipelines whose stored requests wait for a breaker, so that nobody makes more of them meanwhile. */
export class Holds {
  readonly #until = new Map<string, number>()

  hold(pipeline: string, ms: number): void {
    this.#until.set(pipeline, Math.max(this.#until.get(pipeline) ?? 0, performance.now() + ms))
  }

  held(pipeline: string): boolean {
    return (this.#until.get(pipeline) ?? 0) > performance.now()
  }
}
