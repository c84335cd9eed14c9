import type { BodyMemory } from '../event/body-memory.ts'
import type { Serving } from '../flow/serving.ts'
import type { Buffer } from './buffers.ts'
import { Lane } from './lane.ts'

export interface LanesDeps {
  readonly find: (pipeline: string) => Serving | undefined
  /** While it is full, nothing is claimed. */
  readonly memory: BodyMemory
  /** There may be room for one more request of the pipeline. */
  readonly onRoom: (pipeline: string) => void
}

/** The lanes of all pipelines that have had a stored request here. */
export class Lanes {
  readonly #deps: LanesDeps
  readonly #lanes = new Map<string, Lane>()

  constructor(deps: LanesDeps) {
    this.#deps = deps
  }

  of(pipeline: string): Lane {
    const known = this.#lanes.get(pipeline)
    if (known !== undefined) return known
    const { find, onRoom } = this.#deps
    const lane = new Lane(
      () => find(pipeline)?.plan.limits.maxInFlight ?? 0,
      () => onRoom(pipeline)
    )
    this.#lanes.set(pipeline, lane)
    return lane
  }

  /** How many requests may be claimed: each may be as large as the pipeline lets it. */
  room(pipeline: string): number {
    const { find, memory } = this.#deps
    const serving = find(pipeline)
    if (serving?.admission.isOpen !== true) return 0
    const room = this.of(pipeline).room(performance.now())
    return room === 0 ? 0 : Math.min(room, memory.roomFor(serving.plan.limits.maxBodyBytes))
  }

  /** How many requests are in the buffer, those of all lanes together. */
  used(buffer: Buffer): number {
    return this.#lanes.values().reduce((sum, lane) => sum + lane.used(buffer), 0)
  }

  forget(pipeline: string): void {
    this.#lanes.delete(pipeline)
  }
}
