import type { ProcessSpec, Scaling } from '../pipeline/process-spec.ts'
import type { DesiredPhase, RuntimeSpec } from '../pipeline/runtime-spec.ts'

/** The processes of a step, as whoever owns them wants them. */
export interface NeededProcess {
  readonly spec: ProcessSpec
  readonly proves: RuntimeSpec['proves']
}

interface Need {
  readonly processes: readonly NeededProcess[]
  readonly desiredPhase: DesiredPhase
}

/**
 * The local processes that are to run, or to stand still: whoever needs some says all of them each time, and several may
 * need the same. Of one owner the first settings count; of several the largest numbers.
 */
export class NeededProcesses {
  /** By `namespace/name` of a pipeline, which has the last word on its own, or by who runs former generations. */
  readonly #byOwner = new Map<object | string, Need>()
  readonly #apply: (specs: readonly RuntimeSpec[]) => void
  #changed = false

  constructor(apply: (specs: readonly RuntimeSpec[]) => void) {
    this.#apply = apply
  }

  /** The owner needs these, and none that it said before. */
  set(owner: object | string, processes: readonly NeededProcess[], desiredPhase: DesiredPhase = 'Running'): void {
    if (processes.length === 0 && !this.#byOwner.delete(owner)) return
    if (processes.length > 0) this.#byOwner.set(owner, { processes, desiredPhase })
    if (this.#changed) return
    this.#changed = true
    // Thousands of pipelines say what they need in one turn.
    queueMicrotask(() => {
      this.#changed = false
      this.#apply(this.#all())
    })
  }

  #all(): RuntimeSpec[] {
    const all = new Map<string, RuntimeSpec>()
    for (const { processes, desiredPhase } of this.#byOwner.values()) {
      for (const { spec, proves } of firstByKey(processes)) {
        const runtime = { ...spec, proves, desiredPhase: this.#wantedOf(spec, desiredPhase) }
        const known = all.get(spec.key)
        all.set(spec.key, known === undefined ? runtime : together(known, runtime))
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

const firstByKey = (processes: readonly NeededProcess[]): Iterable<NeededProcess> =>
  new Map(processes.toReversed().map(needed => [needed.spec.key, needed])).values()

const together = (a: RuntimeSpec, b: RuntimeSpec): RuntimeSpec => ({
  ...a,
  desiredPhase: a.desiredPhase === 'Running' ? 'Running' : b.desiredPhase,
  proves: a.proves || b.proves,
  scaling: largest(a.scaling, b.scaling)
})

const largest = (a: Scaling, b: Scaling): Scaling => ({
  ...a,
  min: Math.max(a.min, b.min),
  max: Math.max(a.max, b.max),
  idleMs: Math.max(a.idleMs, b.idleMs)
})
