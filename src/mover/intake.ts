import type { Claimed, Lease, Work } from '../ledger/work.ts'
import { SluiceError } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Lane } from './lane.ts'

export interface IntakeDeps {
  readonly ledger: Work
  readonly lease: Lease
  readonly laneOf: (pipeline: string) => Lane
  /** How many may be claimed now. */
  readonly room: (pipeline: string) => number
  /** Runs what was claimed for a place in the lane. */
  readonly start: (claimed: Claimed, lane: Lane) => void
  readonly log: Logger
}

/** How often the ledger is asked what there is to claim, beside being told. */
const sweepMs = 1_000

/** Claims what waits in the ledger, of each pipeline as much as its lane has room for. Disposing ends it for good. */
export class Intake implements Disposable {
  readonly #deps: IntakeDeps
  /** Pipelines that may have something to claim. */
  readonly #queued = new Set<string>()
  /** Pipelines that are being claimed for; true: to be claimed for once more. */
  readonly #claiming = new Map<string, boolean>()
  /** Wake pipelines when their hold is over; the sweep would be up to a second late. */
  readonly #holds = new Map<string, NodeJS.Timeout>()
  readonly #watch: Disposable
  readonly #sweeping: NodeJS.Timeout
  #ended = false
  /** A claim failed: nothing is claimed until a sweep finds the store well, so that an outage costs a call a second. */
  #storeAway = false

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    this.#watch = deps.ledger.watch(pipeline => this.wake(pipeline))
    this.#sweeping = setInterval(() => void this.#sweep(), sweepMs)
    void this.#sweep()
  }

  /** Whether a request that is about to be accepted may be claimed at once: whoever waits in the queue comes first. */
  letsPass(pipeline: string): boolean {
    return !this.#storeAway && !this.#claiming.has(pipeline)
  }

  /** Claims as much as there is room for, if there may be something. */
  fill(pipeline: string): void {
    if (this.#ended || this.#storeAway || !this.#queued.has(pipeline) || this.#claiming.has(pipeline)) return
    if (this.#deps.room(pipeline) === 0) return
    this.#claiming.set(pipeline, false)
    void this.#claim(pipeline).finally(() => {
      if (this.#claiming.get(pipeline) === true) this.#queued.add(pipeline)
      this.#claiming.delete(pipeline)
      this.fill(pipeline)
    })
  }

  /** The lane of the pipeline is held until a time on the clock of `performance.now()`. */
  held(pipeline: string, until: number): void {
    clearTimeout(this.#holds.get(pipeline))
    if (this.#ended) return
    // Timers can be early by a fraction of a millisecond.
    const ms = Math.ceil(until - performance.now()) + 1
    this.#holds.set(
      pipeline,
      setTimeout(() => this.wake(pipeline), ms)
    )
  }

  /** There may be something to claim; told so during a claim, it looks once more. */
  wake(pipeline: string): void {
    this.#queued.add(pipeline)
    if (this.#claiming.has(pipeline)) this.#claiming.set(pipeline, true)
    else this.fill(pipeline)
  }

  /** Nothing of the pipeline is claimed until somebody wakes it. */
  forget(pipeline: string): void {
    this.#queued.delete(pipeline)
    clearTimeout(this.#holds.get(pipeline))
    this.#holds.delete(pipeline)
  }

  [Symbol.dispose](): void {
    this.#ended = true
    this.#watch[Symbol.dispose]()
    clearInterval(this.#sweeping)
    for (const timer of this.#holds.values()) clearTimeout(timer)
  }

  async #claim(pipeline: string): Promise<void> {
    const { ledger, lease, laneOf, room: roomFor, start } = this.#deps
    const lane = laneOf(pipeline)
    for (let room = roomFor(pipeline); room > 0 && !this.#ended; room = roomFor(pipeline)) {
      lane.reserve(room)
      let claimed: readonly Claimed[] = []
      try {
        claimed = await ledger.claim(pipeline, room, lease)
      } catch (thrown) {
        this.#storeAway = true
        tellStoreFault(thrown, 'stored requests could not be claimed', this.#deps.log)
      }
      lane.giveBack(room - claimed.length)
      for (const one of claimed) start(one, lane)
      if (claimed.length < room) {
        this.#queued.delete(pipeline)
        return
      }
    }
  }

  async #sweep(): Promise<void> {
    if (this.#ended) return
    try {
      const claimable = await this.#deps.ledger.claimable()
      this.#storeAway = false
      for (const pipeline of claimable) this.wake(pipeline)
    } catch (thrown) {
      tellStoreFault(thrown, 'the store could not be asked what there is to claim', this.#deps.log)
    }
  }
}

/** A store that is away tells of it itself, once; everything else is a defect. */
export function tellStoreFault(thrown: unknown, message: string, log: Logger): void {
  if (thrown instanceof SluiceError && thrown.code === 'STORE_UNAVAILABLE') log.debug({ err: thrown }, message)
  else log.error({ err: thrown }, message)
}
