import type { RuntimeSpec } from '../pipeline/runtime-spec.ts'
import type { InstanceDeps } from './instance.ts'
import { Pool, type PoolDeps } from './pool.ts'
import { Ports } from './ports.ts'
import { allot } from './scaling/allot.ts'
import type { LoadModel } from './scaling/load-model.ts'

export interface PoolsDeps extends Omit<InstanceDeps, 'ports'> {
  /** All steps together. */
  readonly maxProcesses: number
}

/** How often it is looked whether fewer processes would do, in milliseconds. */
const tickMs = 100

/** The processes of all steps, which share the number that may run at once. */
export class Pools implements AsyncDisposable {
  readonly #maxProcesses: number
  readonly #deps: Omit<PoolDeps, 'changed'>
  /** The learned load of each predictive step, by its name; of the newest pool where there are two. */
  readonly loads = new Map<string, LoadModel>()
  readonly #pools = new Map<string, Pool>()
  /** Those of which something may change by itself. */
  readonly #lively = new Set<Pool>()
  readonly #stopping = new Set<Pool>()
  readonly #watching = new Set<(key: string) => void>()
  readonly #ticking: NodeJS.Timeout
  #deciding = false
  #closed = false

  constructor({ maxProcesses, ...deps }: PoolsDeps) {
    this.#maxProcesses = maxProcesses
    this.#deps = {
      ...deps,
      ports: new Ports(),
      demanded: pool => this.demanded(pool),
      mayStart: () => this.#size < maxProcesses
    }
    this.#ticking = setInterval(() => {
      if (this.#lively.size > 0) this.#decide()
    }, tickMs)
  }

  get(key: string): Pool | undefined {
    return this.#pools.get(key)
  }

  /** One that is being stopped too. */
  find(key: string): Pool | undefined {
    return this.get(key) ?? this.#stopping.values().find(({ spec }) => spec.key === key)
  }

  get all(): ReadonlyMap<string, Pool> {
    return this.#pools
  }

  /** Has these, and none that it had before. */
  apply(specs: ReadonlyMap<string, RuntimeSpec>): void {
    if (this.#closed) return
    for (const [key, spec] of specs) {
      const known = this.#pools.get(key)
      if (known === undefined) this.#add(key, spec)
      else if (known.spec !== spec) {
        known.update(spec)
        this.#remember(known)
      }
    }
    for (const [key, pool] of this.#pools) if (!specs.has(key)) this.#stop(key, pool)
    this.#decide()
  }

  /** The number of processes of the pool is to be decided anew, with those of all others. */
  demanded(pool: Pool): void {
    if (this.#closed || this.#stopping.has(pool)) return
    this.#lively.add(pool)
    if (this.#deciding) return
    this.#deciding = true
    queueMicrotask(() => this.#decide())
  }

  /** Calls back with the key when the health of any of them may have changed. */
  watch(onChange: (key: string) => void): Disposable {
    this.#watching.add(onChange)
    return { [Symbol.dispose]: () => void this.#watching.delete(onChange) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#ticking)
    for (const [key, pool] of this.#pools) this.#stop(key, pool)
    await Promise.all([...this.#stopping].map(pool => pool[Symbol.asyncDispose]()))
  }

  get #size(): number {
    return [...this.#pools.values(), ...this.#stopping].reduce((sum, pool) => sum + pool.size, 0)
  }

  #changed(key: string): void {
    for (const onChange of this.#watching) onChange(key)
  }

  #add(key: string, spec: RuntimeSpec): void {
    const pool = new Pool(spec, { ...this.#deps, changed: () => this.#changed(key) })
    // Another version of a step has the load of the one before it.
    const known = this.loads.get(spec.step)
    if (known !== undefined) pool.model?.recall(known.learned)
    this.#remember(pool)
    this.#pools.set(key, pool)
    this.#lively.add(pool)
  }

  #remember({ spec, model }: Pool): void {
    if (model === undefined) this.loads.delete(spec.step)
    else this.loads.set(spec.step, model)
  }

  #stop(key: string, pool: Pool): void {
    this.#pools.delete(key)
    if (this.loads.get(pool.spec.step) === pool.model) this.loads.delete(pool.spec.step)
    this.#lively.delete(pool)
    this.#stopping.add(pool)
    void pool[Symbol.asyncDispose]().finally(() => {
      this.#stopping.delete(pool)
      this.#changed(key)
      for (const other of this.#lively) this.demanded(other)
    })
  }

  #decide(): void {
    this.#deciding = false
    if (this.#closed) return
    const now = performance.now()
    const all = [...this.#lively]
    const numbers = allot(
      all.map(pool => pool.demand(now)),
      this.#maxProcesses
    )
    const changes = all.map((pool, i) => ({ pool, to: numbers[i] ?? 0 }))
    // Those that give processes away come first, so that there is room for the others.
    for (const { pool, to } of changes.toSorted((a, b) => a.to - a.pool.desired - (b.to - b.pool.desired))) {
      pool.scaleTo(to, now)
      if (pool.isQuiet) this.#lively.delete(pool)
    }
  }
}
