import { SluiceError } from '../errors.ts'
import { Ending } from '../flow/ending.ts'
import type { Serving } from '../flow/serving.ts'
import type { Claimed, Lease, Ledger } from '../ledger/ledger.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import type { Buffer } from './buffers.ts'
import { carryOut, type Carried } from './carry-out.ts'
import type { Holds } from './holds.ts'
import { InFlight } from './in-flight.ts'
import { Lane } from './lane.ts'
import type { RunEntry } from './run-entry.ts'

export interface MoverDeps {
  readonly ledger: Ledger
  readonly find: (pipeline: string) => Serving | undefined
  readonly metrics: Metrics
  readonly tracer: Tracer
  readonly log: Logger
  /** Told of lanes that wait for a breaker. */
  readonly holds: Pick<Holds, 'hold'>
  /** This start of this process. */
  readonly owner: string
  readonly leaseMs: number
  /** How long disposing waits for what is in flight before it hands it back, in milliseconds. */
  readonly graceLeftMs: () => number
}

/** Claims stored requests and runs them: a constant number in flight, each settled as soon as it ends, in any order. */
export interface Mover extends AsyncDisposable {
  readonly inFlight: InFlight
  /** How many requests are in the buffer, those of all pipelines together. */
  used(buffer: Buffer): number
  /**
   * A place for a request that is about to be accepted, so that it can be claimed in the same write; `undefined`: it has
   * to queue. Given back by `use`, with what was claimed or with nothing.
   */
  reserve(pipeline: string): Reservation | undefined
}

export interface Reservation {
  readonly lease: Lease
  use(claimed: Claimed | undefined): void
}

/** How often the ledger is asked what there is to claim, beside being told. */
const sweepMs = 1_000

export function startMover(deps: MoverDeps): Mover {
  const mover = new RunningMover(deps)
  return mover
}

class RunningMover implements Mover {
  readonly inFlight = new InFlight()
  readonly #deps: MoverDeps
  readonly #lease: Lease
  readonly #lanes = new Map<string, Lane>()
  /** Pipelines that may have something to claim. */
  readonly #queued = new Set<string>()
  /** Pipelines that are being claimed for; true: to be claimed for once more. */
  readonly #claiming = new Map<string, boolean>()
  /** Wake pipelines when their hold is over; the sweep would be up to a second late. */
  readonly #holds = new Map<string, NodeJS.Timeout>()
  readonly #watch: Disposable
  readonly #timers: readonly NodeJS.Timeout[]
  #closing = false
  /** A claim failed: nothing is claimed until a sweep finds the store well, so that an outage costs a call a second. */
  #storeAway = false

  constructor(deps: MoverDeps) {
    this.#deps = deps
    this.#lease = { owner: deps.owner, leaseMs: deps.leaseMs }
    this.#watch = deps.ledger.watch(pipeline => this.#wake(pipeline))
    this.#timers = [
      setInterval(() => void this.#sweep(), sweepMs),
      setInterval(() => void this.#renew(), deps.leaseMs / 3)
    ]
    void this.#sweep()
  }

  used(buffer: Buffer): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.used(buffer), 0)
  }

  reserve(pipeline: string): Reservation | undefined {
    if (this.#closing || this.#storeAway) return undefined
    const lane = this.#laneOf(pipeline)
    // Whoever waits in the queue comes first.
    if (this.#claiming.has(pipeline) || lane.room(performance.now()) === 0) return undefined
    lane.reserve()
    return {
      lease: this.#lease,
      use: claimed => {
        if (claimed !== undefined) {
          this.#start(claimed, lane)
          return
        }
        lane.giveBack()
        this.#fill(pipeline)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#watch[Symbol.dispose]()
    for (const timer of this.#holds.values()) clearTimeout(timer)
    const handBack = setTimeout(() => this.inFlight.stopAll(), this.#deps.graceLeftMs())
    await this.inFlight.empty()
    clearTimeout(handBack)
    for (const timer of this.#timers) clearInterval(timer)
  }

  #laneOf(pipeline: string): Lane {
    let lane = this.#lanes.get(pipeline)
    if (lane === undefined) {
      lane = new Lane(
        () => this.#deps.find(pipeline)?.plan.limits.maxInFlight ?? 0,
        () => this.#fill(pipeline)
      )
      this.#lanes.set(pipeline, lane)
    }
    return lane
  }

  /** There may be something to claim; told so during a claim, it looks once more. */
  #wake(pipeline: string): void {
    this.#queued.add(pipeline)
    if (this.#claiming.has(pipeline)) this.#claiming.set(pipeline, true)
    else this.#fill(pipeline)
  }

  /** Claims as much as there is room for, if there may be something. */
  #fill(pipeline: string): void {
    if (this.#closing || this.#storeAway || !this.#queued.has(pipeline) || this.#claiming.has(pipeline)) return
    if (this.#laneOf(pipeline).room(performance.now()) === 0) return
    this.#claiming.set(pipeline, false)
    void this.#claim(pipeline).finally(() => {
      if (this.#claiming.get(pipeline) === true) this.#queued.add(pipeline)
      this.#claiming.delete(pipeline)
      this.#fill(pipeline)
    })
  }

  async #claim(pipeline: string): Promise<void> {
    const lane = this.#laneOf(pipeline)
    for (let room = lane.room(performance.now()); room > 0 && !this.#closing; room = lane.room(performance.now())) {
      lane.reserve(room)
      let claimed: readonly Claimed[] = []
      try {
        claimed = await this.#deps.ledger.claim(pipeline, room, this.#lease)
      } catch (thrown) {
        this.#storeAway = true
        this.#tell(thrown, 'stored requests could not be claimed')
      }
      lane.giveBack(room - claimed.length)
      for (const one of claimed) this.#start(one, lane)
      if (claimed.length < room) {
        this.#queued.delete(pipeline)
        return
      }
    }
  }

  #start(claimed: Claimed, lane: Lane): void {
    if (claimed.takenOver) this.#deps.metrics.leaseExpired()
    const entry: RunEntry = {
      claimed,
      place: lane.place(),
      startedAt: Date.now(),
      step: undefined,
      calls: new Set(),
      visits: [],
      stop: new Ending(),
      index: -1
    }
    this.inFlight.add(entry)
    this.#run(entry, lane)
  }

  #run(entry: RunEntry, lane: Lane): void {
    const { pipeline, id: requestId } = entry.claimed
    const leave = (): void => {
      entry.place.leave()
      this.inFlight.remove(entry)
    }
    void carryOut(entry, this.#deps.find(pipeline), this.#deps, this.#isClosing).then(
      carried => {
        this.#learn(carried, pipeline, lane)
        leave()
      },
      (thrown: unknown) => {
        this.#deps.log.error({ pipeline, requestId, err: thrown }, 'a stored request met a defect; its lease runs out')
        leave()
      }
    )
  }

  readonly #isClosing = (): boolean => this.#closing

  #learn(carried: Carried, pipeline: string, lane: Lane): void {
    if (carried.kind === 'ended') lane.succeeded()
    else if (carried.kind === 'held') this.#hold(pipeline, lane, carried.delayMs)
  }

  #hold(pipeline: string, lane: Lane, delayMs: number): void {
    const now = performance.now()
    lane.hold(delayMs, now)
    this.#deps.holds.hold(pipeline, delayMs)
    clearTimeout(this.#holds.get(pipeline))
    if (this.#closing) return
    // Timers can be early by a fraction of a millisecond.
    this.#holds.set(
      pipeline,
      setTimeout(() => this.#wake(pipeline), Math.ceil(lane.heldUntil - now) + 1)
    )
  }

  async #sweep(): Promise<void> {
    if (this.#closing) return
    try {
      const claimable = await this.#deps.ledger.claimable()
      this.#storeAway = false
      for (const pipeline of claimable) this.#wake(pipeline)
    } catch (thrown) {
      this.#tell(thrown, 'the store could not be asked what there is to claim')
    }
  }

  async #renew(): Promise<void> {
    const { claims } = this.inFlight
    if (claims.length === 0) return
    try {
      for (const lost of await this.#deps.ledger.renew(claims, this.#deps.leaseMs)) this.inFlight.stop(lost)
    } catch (thrown) {
      this.#tell(thrown, 'leases could not be renewed')
    }
  }

  /** A store that is away tells of it itself, once; everything else is a defect. */
  #tell(thrown: unknown, message: string): void {
    if (thrown instanceof SluiceError && thrown.code === 'STORE_UNAVAILABLE')
      this.#deps.log.debug({ err: thrown }, message)
    else this.#deps.log.error({ err: thrown }, message)
  }
}
