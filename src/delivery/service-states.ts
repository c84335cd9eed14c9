/** Nothing is ready behind the Service of a step that Sluice deployed. */
export interface NothingReady {
  /** The pipeline whose step it is: `namespace/name`. */
  readonly pipeline: string
  /** As a clause, such as "no replica of it runs". */
  readonly reason: string
  /** False: nobody follows the Service now, so that something may have become ready. */
  readonly isCurrent: boolean
}

/**
 * The Services of deployed steps behind which nothing is ready, by their refs (`Service/namespace/name`). Of all others
 * something is ready, or nobody knows: they are called.
 */
export class ServiceStates {
  readonly #known = new Map<string, NothingReady>()
  readonly #watching = new Set<(ref: string) => void>()

  get(ref: string): NothingReady | undefined {
    return this.#known.get(ref)
  }

  get all(): ReadonlyMap<string, NothingReady> {
    return this.#known
  }

  /** `undefined`: something is ready, or nobody knows. */
  set(ref: string, state: NothingReady | undefined): void {
    if (state === undefined) this.#known.delete(ref)
    else this.#known.set(ref, state)
    for (const onChange of this.#watching) onChange(ref)
  }

  /** Calls back with the ref whose state has changed. */
  watch(onChange: (ref: string) => void): Disposable {
    this.#watching.add(onChange)
    return { [Symbol.dispose]: () => void this.#watching.delete(onChange) }
  }
}
