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
  /** By key; the same objects as long as the owner says the same. */
  readonly specs: ReadonlyMap<string, RuntimeSpec>
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
    if (isSaid(this.#byOwner.get(owner), processes, desiredPhase)) return
    if (processes.length === 0) this.#byOwner.delete(owner)
    else this.#byOwner.set(owner, { processes, desiredPhase, specs: runtimeSpecs(processes, desiredPhase) })
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
    for (const { specs } of this.#byOwner.values()) {
      for (const [key, spec] of specs) {
        const runtime = this.#isPaused(spec) ? { ...spec, desiredPhase: 'Paused' as const } : spec
        const known = all.get(key)
        all.set(key, known === undefined ? runtime : together(known, runtime))
      }
    }
    return [...all.values()]
  }

  /** Former generations stand still with their pipeline. */
  #isPaused({ step, desiredPhase }: RuntimeSpec): boolean {
    if (desiredPhase === 'Paused') return false
    const pipeline = step.split('/', 2).join('/')
    return this.#byOwner.get(pipeline)?.desiredPhase === 'Paused'
  }
}

/** Whether the owner has said this already. */
const isSaid = (need: Need | undefined, processes: readonly NeededProcess[], desiredPhase: DesiredPhase): boolean =>
  need === undefined
    ? processes.length === 0
    : need.desiredPhase === desiredPhase &&
      need.processes.length === processes.length &&
      need.processes.every(({ spec, proves }, i) => spec === processes[i]?.spec && proves === processes[i]?.proves)

const runtimeSpecs = (processes: readonly NeededProcess[], desiredPhase: DesiredPhase): Need['specs'] =>
  new Map(processes.toReversed().map(({ spec, proves }) => [spec.key, { ...spec, proves, desiredPhase }]))

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
