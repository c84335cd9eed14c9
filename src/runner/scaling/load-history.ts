import type { Scaling } from '../../pipeline/process-spec.ts'
import type { Demand } from './allot.ts'
import { LoadModel } from './load-model.ts'
import { PeakWindow } from './peak-window.ts'
import { ScheduledScaling } from './schedule.ts'
import { instancesFor, type Bounds } from './wanted-instances.ts'

/** A start takes so long while none has been seen, in milliseconds. */
const usualStartMs = 10_000

export interface Load {
  /** Calls now, and the most of them at once since the last look. */
  readonly calls: number
  readonly most: number
  /** One has to run, though nobody calls: it is to prove that the step works. */
  readonly proves: boolean
}

/** The load that a step has had, and the number of processes that follows from it. */
export class LoadHistory {
  readonly #peaks = new PeakWindow()
  readonly #schedule = new ScheduledScaling()
  /** Made when it is asked for: most steps do not scale ahead, and it takes room. */
  #model: LoadModel | undefined
  /** How long a start takes. */
  #startMs = usualStartMs

  /** The past load, as scaling ahead of it needs it. */
  get model(): LoadModel {
    return (this.#model ??= new LoadModel())
  }

  /** A process was ready so long after its start. */
  started(ms: number): void {
    this.#startMs += (ms - this.#startMs) / 2
  }

  /** The numbers that hold at this time. */
  bounds(scaling: Scaling): Bounds {
    return this.#schedule.boundsAt(scaling, Date.now())
  }

  /** `now` is on the clock of `performance.now()`. */
  demand(scaling: Scaling, { calls, most, proves }: Load, now: number): Demand {
    const bounds = this.bounds(scaling)
    this.#peaks.note(instancesFor(most, scaling, bounds), now)
    const awaited = scaling.predictive ? instancesFor(this.#forecast(most), scaling, bounds) : 0
    return {
      need: instancesFor(calls, scaling, bounds),
      floor: Math.max(bounds.min, proves ? 1 : 0),
      keep: Math.max(awaited, Math.min(bounds.max, this.#peaks.peak(now, scaling.idleMs)))
    }
  }

  /** The calls that are to be expected until a process that is started now is ready. */
  #forecast(most: number): number {
    this.model.note(most, Date.now())
    return this.model.forecast(this.#startMs)
  }
}
