import type { ProcessSpec } from '../pipeline/plan.ts'

/**
 * The local processes that are to run: whoever needs some says all of them each time, and several may need the same.
 */
export class NeededProcesses {
  readonly #byOwner = new Map<object | string, readonly ProcessSpec[]>()
  readonly #apply: (specs: readonly ProcessSpec[]) => void

  constructor(apply: (specs: readonly ProcessSpec[]) => void) {
    this.#apply = apply
  }

  /** The owner needs these, and none that it said before. */
  set(owner: object | string, specs: readonly ProcessSpec[]): void {
    if (specs.length === 0 && !this.#byOwner.delete(owner)) return
    if (specs.length > 0) this.#byOwner.set(owner, specs)
    const all = [...this.#byOwner.values()].flat()
    this.#apply([...new Map(all.map(spec => [spec.key, spec])).values()])
  }
}
