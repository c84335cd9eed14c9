import type { ProcessSpec } from '../pipeline/plan.ts'
import type { DesiredPhase, RuntimeSpec } from '../pipeline/runtime-spec.ts'

interface Need {
  readonly specs: readonly ProcessSpec[]
  readonly desiredPhase: DesiredPhase
}

/**
 * The local processes that are to run, or to stand still: whoever needs some says all of them each time, and several may
 * need the same.
 */
export class NeededProcesses {
  /** By `namespace/name` of a pipeline, which has the last word on its own, or by who runs former generations. */
  readonly #byOwner = new Map<object | string, Need>()
  readonly #apply: (specs: readonly RuntimeSpec[]) => void

  constructor(apply: (specs: readonly RuntimeSpec[]) => void) {
    this.#apply = apply
  }

  /** The owner needs these, and none that it said before. */
  set(owner: object | string, specs: readonly ProcessSpec[], desiredPhase: DesiredPhase = 'Running'): void {
    if (specs.length === 0 && !this.#byOwner.delete(owner)) return
    if (specs.length > 0) this.#byOwner.set(owner, { specs, desiredPhase })
    this.#apply(this.#all())
  }

  #all(): RuntimeSpec[] {
    const all = new Map<string, RuntimeSpec>()
    for (const { specs, desiredPhase: wanted } of this.#byOwner.values()) {
      for (const spec of specs) {
        const desiredPhase = all.get(spec.key)?.desiredPhase === 'Running' ? 'Running' : this.#wantedOf(spec, wanted)
        all.set(spec.key, { ...spec, desiredPhase })
      }
    }
    return [...all.values()]
  }

  /** Former generations stand still with their pipeline. */
  #wantedOf({ step }: ProcessSpec, wanted: DesiredPhase): DesiredPhase {
    const pipeline = step.split('/', 2).join('/')
    return this.#byOwner.get(pipeline)?.desiredPhase === 'Paused' ? 'Paused' : wanted
  }
}
