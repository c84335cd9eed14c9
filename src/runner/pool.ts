import type { Entered, Place } from '../delivery/processes.ts'
import type { RuntimeSpec } from '../pipeline/runtime-spec.ts'
import { CallLine } from './call-line.ts'
import { Instance, type Ending, type InstanceDeps } from './instance.ts'
import type { PoolHealth, PoolState } from './pool-health.ts'
import { Restarts } from './restarts.ts'
import type { Demand } from './scaling/allot.ts'
import { LoadHistory } from './scaling/load-history.ts'
import type { LoadModel } from './scaling/load-model.ts'

export interface PoolDeps extends InstanceDeps {
  /** Called when its health may have changed. */
  readonly changed: () => void
  /** Called when the number of processes is to be decided anew. */
  readonly demanded: (pool: Pool) => void
  /** Whether one more process may be started. */
  readonly mayStart: () => boolean
}

/** The processes of one step: as many as its load needs, and a line of calls that wait for a place in one. */
export class Pool implements AsyncDisposable {
  /** Calls that wait for stored requests; they count as load. */
  backlog = 0
  /** How many were given to it. */
  desired = 0
  #spec: RuntimeSpec
  readonly #deps: PoolDeps
  readonly #instances = new Set<Instance>()
  readonly #line = new CallLine(this.#instances, () => this.spec.scaling.concurrency)
  readonly #history = new LoadHistory()
  readonly #restarts = new Restarts()
  readonly #settled = Promise.withResolvers<void>()
  readonly #ports: number[] = []
  #wasReady = false
  #closed = false

  constructor(spec: RuntimeSpec, deps: PoolDeps) {
    this.#spec = spec
    this.#deps = deps
  }

  get spec(): RuntimeSpec {
    return this.#spec
  }

  /** Its learned load, where its scaling is predictive. */
  get model(): LoadModel | undefined {
    return this.#spec.scaling.predictive ? this.#history.model : undefined
  }

  /** The scaling may have changed; what is run has not. */
  update(spec: RuntimeSpec): void {
    this.#spec = spec
    this.#deps.demanded(this)
  }

  /** Resolves when one was ready once, or failed once, if any is to run without a call. */
  get settled(): Promise<void> {
    return this.#history.bounds(this.spec.scaling).min > 0 ? this.#settled.promise : Promise.resolve()
  }

  /** Processes that run, those that are being stopped included. */
  get size(): number {
    return this.#instances.size
  }

  /** Calls that wait for a place. */
  get held(): number {
    return this.#line.held
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
    return this.#line.take()
  }

  wait(settle: (entered: Entered) => void): () => void {
    const refusal = this.#refusal()
    if (refusal !== undefined) {
      settle(refusal)
      return () => {}
    }
    const leave = this.#line.wait(settle)
    this.#deps.demanded(this)
    return leave
  }

  /** The processes that it would have now. */
  demand(now: number): Demand {
    const calls = this.#line.load + this.backlog
    const most = Math.max(this.#line.takeMost(), calls)
    const proves = (this.#spec.proves && !this.#wasReady) || this.#restarts.reason !== undefined
    return this.#history.demand(this.spec.scaling, { calls, most, proves }, now)
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
    this.#line.serve()
    if (before !== desired) this.#deps.changed()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.desired = 0
    this.#settled.resolve()
    this.#line.giveUp({ kind: 'unavailable', reason: 'its process is stopped' })
    await Promise.all([...this.#instances].map(instance => instance[Symbol.asyncDispose]()))
  }

  #start(): void {
    const startedAt = performance.now()
    const instance = new Instance(
      {
        spec: this.spec,
        port: this.#ports.pop(),
        onReady: () => {
          this.#wasReady = true
          this.#history.started(performance.now() - startedAt)
          this.#restarts.ready()
          this.#settled.resolve()
          this.#line.serve()
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
    if (refusal !== undefined) this.#line.giveUp(refusal)
  }

  /** Why no call waits: a start has failed, and none is under way. */
  #refusal(): Entered | undefined {
    const { reason, wasUp, notBefore } = this.#restarts
    if (reason === undefined || wasUp || this.#instances.values().some(({ stopping }) => !stopping)) return undefined
    const retryAfterMs = Math.max(100, Math.ceil(notBefore - performance.now()))
    return { kind: 'failed', reason, retryAfterMs }
  }

  /** It gets no more calls, and ends when it has none. */
  #drain(instance: Instance): void {
    instance.draining = true
    if (instance.calls === 0) void instance[Symbol.asyncDispose]()
  }

  #ready(): Instance[] {
    return [...this.#instances].filter(({ url, draining }) => url !== undefined && !draining)
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
