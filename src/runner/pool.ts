// The processes of one step, and the calls that wait for them, share their state.
// oxlint-disable max-lines
import type { Entered, Place } from '../delivery/processes.ts'
import type { RuntimeSpec } from '../pipeline/runtime-spec.ts'
import { within } from '../telemetry/within.ts'
import { Instance, type Ending, type InstanceDeps } from './instance.ts'
import type { PoolHealth, PoolState } from './pool-health.ts'
import { Restarts } from './restarts.ts'
import type { Demand } from './scaling/allot.ts'
import { LoadModel } from './scaling/load-model.ts'
import { PeakWindow } from './scaling/peak-window.ts'
import { ScheduledScaling } from './scaling/schedule.ts'
import { instancesFor, type Bounds } from './scaling/wanted-instances.ts'

export interface PoolDeps extends InstanceDeps {
  /** Called when its health may have changed. */
  readonly changed: () => void
  /** Called when the number of processes is to be decided anew. */
  readonly demanded: (pool: Pool) => void
  /** Whether one more process may be started. */
  readonly mayStart: () => boolean
}

/** A broken connection and the end of its process are told apart within this time, in milliseconds. */
const lostMs = 250
/** A start takes so long while none has been seen, in milliseconds. */
const usualStartMs = 10_000

/** The processes of one step: as many as its load needs, and a line of calls that wait for a place in one. */
export class Pool implements AsyncDisposable {
  /** Calls that wait for stored requests; they count as load. */
  backlog = 0
  /** How many were given to it. */
  desired = 0
  #spec: RuntimeSpec
  readonly #deps: PoolDeps
  readonly #instances = new Set<Instance>()
  readonly #waiting = new Set<(entered: Entered) => void>()
  readonly #peaks = new PeakWindow()
  readonly #restarts = new Restarts()
  readonly #schedule = new ScheduledScaling()
  readonly #model = new LoadModel()
  /** How long a start takes. */
  #startMs = usualStartMs
  readonly #settled = Promise.withResolvers<void>()
  readonly #ports: number[] = []
  #most = 0
  #wasReady = false
  #closed = false

  constructor(spec: RuntimeSpec, deps: PoolDeps) {
    this.#spec = spec
    this.#deps = deps
  }

  get spec(): RuntimeSpec {
    return this.#spec
  }

  /** The scaling may have changed; what is run has not. */
  update(spec: RuntimeSpec): void {
    this.#spec = spec
    this.#deps.demanded(this)
  }

  /** Resolves when one was ready once, or failed once, if any is to run without a call. */
  get settled(): Promise<void> {
    return this.#bounds().min > 0 ? this.#settled.promise : Promise.resolve()
  }

  /** Processes that run, those that are being stopped included. */
  get size(): number {
    return this.#instances.size
  }

  /** Calls that wait for a place. */
  get held(): number {
    return this.#waiting.size
  }

  get health(): PoolHealth {
    return {
      state: this.#state(),
      wasReady: this.#wasReady,
      failures: this.#restarts.count,
      instances: { desired: this.desired, ready: this.#ready().length }
    }
  }

  take(): Place | undefined {
    if (this.#waiting.size > 0) return undefined
    const instance = this.#leastLoaded()
    if (instance === undefined) return undefined
    return this.#place(instance)
  }

  wait(settle: (entered: Entered) => void): () => void {
    const refusal = this.#refusal()
    if (refusal !== undefined) {
      settle(refusal)
      return () => {}
    }
    this.#waiting.add(settle)
    this.#count()
    this.#deps.demanded(this)
    return () => void this.#waiting.delete(settle)
  }

  /** The processes that it would have now. */
  demand(now: number): Demand {
    const { scaling } = this.spec
    const bounds = this.#bounds()
    const calls = this.#load() + this.backlog
    const most = Math.max(this.#most, calls)
    this.#peaks.note(instancesFor(most, scaling, bounds), now)
    this.#most = 0
    const awaited = scaling.predictive ? instancesFor(this.#forecast(most), scaling, bounds) : 0
    const proves = this.#spec.proves && !this.#wasReady
    return {
      need: instancesFor(calls, scaling, bounds),
      floor: Math.max(bounds.min, proves || this.#restarts.reason !== undefined ? 1 : 0),
      keep: Math.max(awaited, Math.min(bounds.max, this.#peaks.peak(now, scaling.idleMs)))
    }
  }

  /** Nothing of it changes until somebody calls it. */
  get isQuiet(): boolean {
    const { schedule, predictive } = this.spec.scaling
    if (schedule.length > 0 || predictive) return false
    return this.size === 0 && this.desired === 0 && this.held === 0 && this.backlog === 0
  }

  /** Starts and stops processes until there are so many. */
  scaleTo(desired: number, now: number): void {
    if (this.#closed) return
    const before = this.desired
    this.desired = desired
    const alive = [...this.#instances].filter(({ draining, stopping }) => !draining && !stopping)
    for (const instance of leastUseful(alive).slice(0, Math.max(0, alive.length - desired))) this.#drain(instance)
    let missing = desired - alive.length
    for (const instance of this.#instances) {
      if (missing <= 0 || !instance.draining || instance.stopping) continue
      instance.draining = false
      missing--
    }
    const failing = this.#restarts.reason !== undefined
    const starting = alive.some(({ url }) => url === undefined)
    // After a failure one start shows whether more make sense.
    if (failing) missing = starting ? 0 : Math.min(missing, 1)
    while (missing-- > 0 && now >= this.#restarts.notBefore && this.#deps.mayStart()) this.#start()
    this.#serve()
    if (before !== desired) this.#deps.changed()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.desired = 0
    this.#settled.resolve()
    this.#giveUp({ kind: 'unavailable', reason: 'its process is stopped' })
    await Promise.all([...this.#instances].map(instance => instance[Symbol.asyncDispose]()))
  }

  /** The calls that are to be expected until a process that is started now is ready. */
  #forecast(most: number): number {
    const now = Date.now()
    this.#model.note(most, now)
    return this.#model.forecast(now, this.#startMs)
  }

  /** Those that hold at this time. */
  #bounds(): Bounds {
    return this.#schedule.boundsAt(this.spec.scaling, Date.now())
  }

  #start(): void {
    const startedAt = performance.now()
    const instance = new Instance(
      {
        spec: this.spec,
        port: this.#ports.pop(),
        onReady: () => {
          this.#wasReady = true
          this.#startMs += (performance.now() - startedAt - this.#startMs) / 2
          this.#restarts.ready()
          this.#settled.resolve()
          this.#serve()
          this.#deps.changed()
          this.#deps.demanded(this)
        },
        onDown: () => this.#deps.changed()
      },
      this.#deps
    )
    this.#instances.add(instance)
    this.#deps.changed()
    void instance.ended.then(ending => this.#ended(instance, ending))
  }

  #ended(instance: Instance, ending: Ending): void {
    this.#instances.delete(instance)
    if (!instance.stopping) this.#failed(instance, ending)
    this.#deps.changed()
    this.#deps.demanded(this)
  }

  #failed(instance: Instance, ending: Ending): void {
    if (instance.port !== undefined && !ending.portTaken) this.#ports.push(instance.port)
    const now = performance.now()
    const { reason } = ending
    const restartInMs = this.#restarts.ended(ending, ending.upMs !== undefined, now)
    const others = this.#ready().length > 0
    if (others) this.#restarts.ready()
    const fields = { process: this.spec.step, reason, restartInMs }
    this.#deps.log.warn(fields, 'a step process failed and will be started again')
    this.#settled.resolve()
    const refusal = this.#refusal()
    if (refusal !== undefined) this.#giveUp(refusal)
  }

  /** Why no call waits: a start has failed, and none is under way. */
  #refusal(): Entered | undefined {
    const { reason, wasUp, notBefore } = this.#restarts
    if (reason === undefined || wasUp || this.#instances.values().some(({ stopping }) => !stopping)) return undefined
    const retryAfterMs = Math.max(100, Math.ceil(notBefore - performance.now()))
    return { kind: 'failed', reason, retryAfterMs }
  }

  #giveUp(entered: Entered): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const settle of waiting) settle(entered)
  }

  /** It gets no more calls, and ends when it has none. */
  #drain(instance: Instance): void {
    instance.draining = true
    if (instance.calls === 0) void instance[Symbol.asyncDispose]()
  }

  #serve(): void {
    for (const settle of this.#waiting) {
      const instance = this.#leastLoaded()
      if (instance === undefined) return
      this.#waiting.delete(settle)
      settle(this.#place(instance))
    }
  }

  #place(instance: Instance): Place {
    instance.calls++
    this.#count()
    let left = false
    return {
      kind: 'place',
      url: instance.url ?? '',
      leave: () => {
        if (left) return
        left = true
        instance.calls--
        if (instance.draining && instance.calls === 0) void instance[Symbol.asyncDispose]()
        else if (this.#waiting.size > 0) this.#serve()
      },
      lost: async () => instance.url === undefined || (await within(lostMs, instance.down))
    }
  }

  #leastLoaded(): Instance | undefined {
    let least: Instance | undefined
    for (const instance of this.#instances) {
      if (instance.url === undefined || instance.draining || instance.stopping) continue
      if (least === undefined || instance.calls < least.calls) least = instance
    }
    return least !== undefined && least.calls < this.spec.scaling.concurrency ? least : undefined
  }

  #ready(): Instance[] {
    return [...this.#instances].filter(({ url, draining }) => url !== undefined && !draining)
  }

  #load(): number {
    let calls = this.#waiting.size
    for (const instance of this.#instances) calls += instance.calls
    return calls
  }

  #count(): void {
    const load = this.#load()
    if (load > this.#most) this.#most = load
  }

  #state(): PoolState {
    if (this.#closed) return { kind: 'stopped' }
    const [first] = this.#ready()
    if (first?.url !== undefined) return { kind: 'ready', url: first.url }
    const { reason } = this.#restarts
    if (reason !== undefined) return { kind: 'failing', reason }
    return { kind: this.desired === 0 ? 'idle' : 'starting' }
  }
}

/** Those that are not ready first, then those with the fewest calls. */
const leastUseful = (instances: readonly Instance[]): Instance[] =>
  instances.toSorted((a, b) => Number(a.url !== undefined) - Number(b.url !== undefined) || a.calls - b.calls)
