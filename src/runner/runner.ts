import type { Entered, Place, Processes } from '../delivery/processes.ts'
import type { InstanceDeps } from './instance.ts'
import type { RuntimeSpec } from '../pipeline/runtime-spec.ts'
import { Pool } from './pool.ts'
import type { PoolHealth } from './pool-health.ts'
import { Ports } from './ports.ts'
import { allot } from './scaling/allot.ts'

/** The local processes of steps (`run`): started, watched, scaled, restarted, and never left behind. */
export interface Runner extends AsyncDisposable, Processes {
  /**
   * Runs what is new or changed; stops what is not named any more, and what is to stand still. Does not wait until ready.
   */
  apply(specs: readonly RuntimeSpec[]): void
  /** Where a process listens while one is ready, else why not. */
  locate(key: string): Located
  /** How the processes of a step do; `undefined`: there are none, and none that are being stopped. */
  health(key: string): PoolHealth | undefined
  /** Where all of them listen, or why not. */
  locations(): ReadonlyMap<string, Located>
  /** Stored requests that wait for the step. */
  backlog(key: string, requests: number): void
  /** Calls that wait for a process of the step. */
  held(key: string): number
  /** Calls back when any of this may have changed. */
  watch(onChange: () => void): Disposable
  /** Resolves when each that runs without a call was ready once or failed once; names those that are not ready. */
  settled(): Promise<readonly { readonly step: string; readonly reason: string }[]>
}

export type Located =
  { readonly kind: 'ready'; readonly url: string } | { readonly kind: 'unavailable'; readonly reason: string }

export interface RunnerDeps extends Omit<InstanceDeps, 'ports'> {
  /** All steps together. */
  readonly maxProcesses: number
}

/** How often it is looked whether fewer processes would do, in milliseconds. */
const tickMs = 100

const stopped: Entered = { kind: 'unavailable', reason: 'its process is stopped' }

// One closure over what all of it shares.
// oxlint-disable-next-line max-lines-per-function
export function createRunner({ maxProcesses, ...instanceDeps }: RunnerDeps): Runner {
  const watching = new Set<() => void>()
  const pools = new Map<string, Pool>()
  /** Those of which something may change by itself. */
  const lively = new Set<Pool>()
  const stopping = new Set<Pool>()
  let deciding = false
  let closed = false

  const size = (): number => [...pools.values(), ...stopping].reduce((sum, pool) => sum + pool.size, 0)

  const decide = (): void => {
    deciding = false
    if (closed) return
    const now = performance.now()
    const all = [...lively]
    const numbers = allot(
      all.map(pool => pool.demand(now)),
      maxProcesses
    )
    const changes = all.map((pool, i) => ({ pool, to: numbers[i] ?? 0 }))
    // Those that give processes away come first, so that there is room for the others.
    for (const { pool, to } of changes.toSorted((a, b) => a.to - a.pool.desired - (b.to - b.pool.desired))) {
      pool.scaleTo(to, now)
      if (pool.isQuiet) lively.delete(pool)
    }
  }

  const deps = {
    ...instanceDeps,
    ports: new Ports(),
    changed() {
      for (const onChange of watching) onChange()
    },
    demanded(pool: Pool) {
      if (closed || stopping.has(pool)) return
      lively.add(pool)
      if (deciding) return
      deciding = true
      queueMicrotask(decide)
    },
    mayStart: () => size() < maxProcesses
  }

  const stop = (key: string, pool: Pool): void => {
    pools.delete(key)
    lively.delete(pool)
    stopping.add(pool)
    void pool[Symbol.asyncDispose]().finally(() => {
      stopping.delete(pool)
      deps.changed()
      for (const other of lively) deps.demanded(other)
    })
  }

  const ticking = setInterval(() => {
    if (lively.size > 0) decide()
  }, tickMs)

  return {
    apply(specs) {
      if (closed) return
      const running = specs.filter(({ desiredPhase }) => desiredPhase === 'Running')
      const wanted = new Map(running.map(spec => [spec.key, spec]))
      for (const [key, pool] of pools) if (!wanted.has(key)) stop(key, pool)
      for (const [key, spec] of wanted) {
        const known = pools.get(key)
        if (known !== undefined) known.update(spec)
        else {
          const pool = new Pool(spec, deps)
          pools.set(key, pool)
          lively.add(pool)
        }
      }
      decide()
    },
    take: (key): Place | undefined => pools.get(key)?.take(),
    wait(key, settle) {
      const pool = pools.get(key)
      if (pool !== undefined) return pool.wait(settle)
      settle(stopped)
      return () => {}
    },
    urlOf(key) {
      const where = located(pools.get(key))
      return where.kind === 'ready' ? where.url : undefined
    },
    locate: key => located(pools.get(key)),
    health: key => (pools.get(key) ?? stopping.values().find(({ spec }) => spec.key === key))?.health,
    locations: () => new Map([...pools].map(([key, pool]) => [key, located(pool)])),
    backlog(key, requests) {
      const pool = pools.get(key)
      if (pool === undefined || pool.backlog === requests) return
      pool.backlog = requests
      deps.demanded(pool)
    },
    held: key => pools.get(key)?.held ?? 0,
    watch(onChange) {
      watching.add(onChange)
      return { [Symbol.dispose]: () => void watching.delete(onChange) }
    },
    async settled() {
      await Promise.all([...pools.values()].map(pool => pool.settled))
      return [...pools.values()].flatMap(pool => {
        const where = located(pool)
        return where.kind === 'ready' || pool.spec.scaling.min === 0
          ? []
          : [{ step: pool.spec.step, reason: where.reason }]
      })
    },
    async [Symbol.asyncDispose]() {
      closed = true
      clearInterval(ticking)
      for (const [key, pool] of pools) stop(key, pool)
      await Promise.all([...stopping].map(pool => pool[Symbol.asyncDispose]()))
    }
  }
}

function located(pool: Pool | undefined): Located {
  const state = pool?.health.state
  switch (state?.kind) {
    case 'ready':
      return state
    case 'idle':
      return { kind: 'unavailable', reason: 'its process is started by the first call' }
    case 'starting':
      return { kind: 'unavailable', reason: 'its process is starting' }
    case 'failing':
      return { kind: 'unavailable', reason: `its process ${state.reason}` }
    case 'stopped':
    case undefined:
      return { kind: 'unavailable', reason: 'its process is stopped' }
  }
}
