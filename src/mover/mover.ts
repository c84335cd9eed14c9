import { toSluiceError } from '../errors.ts'
import type { BodyMemory } from '../event/body-memory.ts'
import type { Serving } from '../flow/serving.ts'
import type { Streams } from '../ledger/streams.ts'
import type { Claimed, Lease, Work } from '../ledger/work.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import type { Buffer } from './buffers.ts'
import { carryOut, type Carried } from './carry-out.ts'
import type { HeldPipelines } from './held-pipelines.ts'
import { InFlight } from './in-flight.ts'
import { Intake, tellStoreFault } from './intake.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { createInFlight, type InFlightRequest } from './in-flight-request.ts'

export interface MoverDeps {
  readonly ledger: Work & Pick<Streams, 'appendPiece'>
  readonly find: (pipeline: string) => Serving | undefined
  /** The generation that a request was accepted with; `undefined`: its pipeline is not served here. */
  readonly servingOf: (record: RequestRecord) => Serving | Promise<Serving | undefined> | undefined
  readonly metrics: Metrics
  /** While it is full, nothing is claimed. */
  readonly memory: BodyMemory
  readonly tracer: Tracer
  readonly log: Logger
  /** Told of lanes that wait for a breaker. */
  readonly holds: Pick<HeldPipelines, 'hold'>
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
   * A place for a request that is about to be accepted, so that it can be claimed in the same write; `undefined`: it
   * has to queue. Given back by `use`, with what was claimed or with nothing.
   */
  reserve(pipeline: string): Reservation | undefined
  /** The pipeline is served, or served again: there may be something to claim. */
  wake(pipeline: string): void
  /** Puts back all that runs of the pipeline. */
  cut(pipeline: string): void
  /** The pipeline is not served any more: what was kept for it goes. */
  forget(pipeline: string): void
  /** Claims nothing more of what waits; what has a reservation, or asks for one, still runs. */
  stopIntake(): void
}

export interface Reservation {
  readonly lease: Lease
  use(claimed: Claimed | undefined): void
}

/** How often the steps of requests are looked at, and how long one runs before it is told, in milliseconds. */
const tellMs = 500

export function startMover(deps: MoverDeps): Mover {
  return new RunningMover(deps)
}

class RunningMover implements Mover {
  readonly inFlight = new InFlight()
  readonly #deps: MoverDeps
  readonly #lease: Lease
  readonly #intake: Intake
  readonly #lanes: Lanes
  readonly #renewing: NodeJS.Timeout
  readonly #telling: NodeJS.Timeout
  #closing = false

  constructor(deps: MoverDeps) {
    const { ledger, owner, leaseMs, log } = deps
    this.#deps = deps
    this.#lease = { owner, leaseMs }
    this.#lanes = new Lanes({ ...deps, onRoom: pipeline => this.#intake.fill(pipeline) })
    this.#intake = new Intake({
      ledger,
      lease: this.#lease,
      laneOf: pipeline => this.#lanes.of(pipeline),
      room: pipeline => this.#lanes.room(pipeline),
      start: (claimed, lane) => this.#start(claimed, lane),
      log
    })
    this.#renewing = setInterval(() => void this.#renew(), leaseMs / 3)
    this.#telling = setInterval(() => this.#tell(), tellMs)
  }

  used(buffer: Buffer): number {
    return this.#lanes.used(buffer)
  }

  reserve(pipeline: string): Reservation | undefined {
    if (this.#closing) return undefined
    const lane = this.#lanes.of(pipeline)
    if (!this.#intake.letsPass(pipeline) || this.#lanes.room(pipeline) === 0) return undefined
    lane.reserve()
    return {
      lease: this.#lease,
      use: claimed => {
        if (claimed !== undefined) {
          this.#start(claimed, lane)
          return
        }
        lane.giveBack()
        this.#intake.fill(pipeline)
      }
    }
  }

  wake(pipeline: string): void {
    this.#intake.wake(pipeline)
  }

  cut(pipeline: string): void {
    for (const { claimed, stop } of this.inFlight.entries.slice()) if (claimed.pipeline === pipeline) stop.abort()
  }

  forget(pipeline: string): void {
    this.#lanes.forget(pipeline)
    this.#intake.forget(pipeline)
  }

  stopIntake(): void {
    this.#intake[Symbol.dispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.stopIntake()
    const handBack = setTimeout(() => this.inFlight.stopAll(), this.#deps.graceLeftMs())
    await this.inFlight.empty()
    clearTimeout(handBack)
    clearInterval(this.#renewing)
    clearInterval(this.#telling)
  }

  #start(claimed: Claimed, lane: Lane): void {
    if (claimed.takenOver) this.#deps.metrics.leaseExpired()
    const entry = createInFlight(claimed, lane.place(), this.#deps.memory)
    this.inFlight.add(entry)
    this.#run(entry, lane)
  }

  #run(entry: InFlightRequest, lane: Lane): void {
    const { pipeline, id: requestId } = entry.claimed
    const leave = (): void => {
      entry.share.release()
      entry.stream?.[Symbol.dispose]()
      entry.place.leave()
      this.inFlight.remove(entry)
    }
    void this.#carryOut(entry).then(
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

  /** Seldom it is not the current generation, and has to be looked up. */
  #carryOut(entry: InFlightRequest): Promise<Carried> {
    const found = this.#deps.servingOf(entry.claimed.record)
    if (!(found instanceof Promise)) return carryOut(entry, found, this.#deps, this.#putsBack)
    const whileAway = (thrown: unknown): undefined => {
      tellStoreFault(thrown, 'the definition of a stored request could not be read', this.#deps.log)
    }
    return found.catch(whileAway).then(serving => carryOut(entry, serving, this.#deps, this.#putsBack))
  }

  /** Whether what is stopped is put back, and not lost. */
  readonly #putsBack = (pipeline: string): boolean =>
    this.#closing || this.#deps.find(pipeline)?.admission.isCut !== false

  #learn(carried: Carried, pipeline: string, lane: Lane): void {
    if (carried.kind === 'ended') lane.succeeded()
    else if (carried.kind === 'held') this.#hold(pipeline, lane, carried)
  }

  #hold(pipeline: string, lane: Lane, { delayMs, waiting }: Extract<Carried, { kind: 'held' }>): void {
    lane.hold(delayMs, performance.now())
    this.#deps.holds.hold(pipeline, delayMs, waiting)
    this.#intake.held(pipeline, lane.heldUntil)
  }

  /** Steps that go on for long are told to the store, so that other replicas see them too. */
  #tell(): void {
    const before = Date.now() - tellMs
    for (const { claimed, watch } of this.inFlight.entries) {
      const steps = watch.news(before)
      if (steps === undefined) continue
      this.#deps.ledger.tell(claimed, { waiting: claimed.record.waiting, steps }).catch((thrown: unknown) => {
        if (toSluiceError(thrown).code === 'STORE_UNAVAILABLE') watch.newsAreLost()
        tellStoreFault(thrown, 'steps that run could not be told', this.#deps.log)
      })
    }
  }

  async #renew(): Promise<void> {
    const { claims } = this.inFlight
    if (claims.length === 0) return
    try {
      for (const lost of await this.#deps.ledger.renew(claims, this.#deps.leaseMs)) this.inFlight.stop(lost)
    } catch (thrown) {
      tellStoreFault(thrown, 'leases could not be renewed', this.#deps.log)
    }
  }
}
