import type { Entered, Place, Processes } from '../delivery/processes.ts'
import type { RuntimeSpec } from '../pipeline/runtime-spec.ts'
import type { Pool } from './pool.ts'
import type { PoolHealth } from './pool-health.ts'
import { Pools, type PoolsDeps } from './pools.ts'
import type { LoadModel } from './scaling/load-model.ts'

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
  /** Where those listen that are ready. */
  urls(): ReadonlyMap<string, string>
  /** Stored requests that wait for the step. */
  backlog(key: string, requests: number): void
  /** Calls that wait for a process of the step. */
  held(key: string): number
  /** Calls that wait for a step none of whose processes is ready, by the pipelines of the steps. */
  heldForFirst(): Iterable<{ readonly pipeline: string; readonly held: number }>
  /** The learned load of each predictive step, by its name. */
  readonly loads: ReadonlyMap<string, LoadModel>
  /** Calls back with the step when any of this may have changed. */
  watch(onChange: (key: string) => void): Disposable
  /** Resolves when each that runs without a call was ready once or failed once; names those that are not ready. */
  settled(): Promise<readonly { readonly step: string; readonly reason: string }[]>
}

export type Located =
  { readonly kind: 'ready'; readonly url: string } | { readonly kind: 'unavailable'; readonly reason: string }

const stopped: Entered = { kind: 'unavailable', reason: 'its process is stopped' }

export function createRunner(deps: PoolsDeps): Runner {
  const pools = new Pools(deps)
  return {
    apply(specs) {
      const running = specs.filter(({ desiredPhase }) => desiredPhase === 'Running')
      pools.apply(new Map(running.map(spec => [spec.key, spec])))
    },
    take: (key): Place | undefined => pools.get(key)?.take(),
    wait(key, settle) {
      const pool = pools.get(key)
      if (pool !== undefined) return pool.wait(settle)
      settle(stopped)
      return () => {}
    },
    urlOf: key => urlOf(pools.get(key)),
    locate: key => located(pools.get(key)),
    health: key => pools.find(key)?.health,
    urls() {
      const urls = [...pools.all].map(([key, pool]) => [key, urlOf(pool)] as const)
      return new Map(urls.flatMap(([key, url]) => (url === undefined ? [] : [[key, url]])))
    },
    backlog(key, requests) {
      const pool = pools.get(key)
      if (pool === undefined || pool.backlog === requests) return
      pool.backlog = requests
      pools.demanded(pool)
    },
    held: key => pools.get(key)?.held ?? 0,
    *heldForFirst() {
      for (const pool of pools.all.values()) {
        const { held, spec } = pool
        if (held > 0 && urlOf(pool) === undefined) yield { pipeline: spec.step.split('/', 2).join('/'), held }
      }
    },
    loads: pools.loads,
    watch: onChange => pools.watch(onChange),
    async settled() {
      await Promise.all(pools.all.values().map(pool => pool.settled))
      return [...pools.all.values()].flatMap(unready)
    },
    [Symbol.asyncDispose]: () => pools[Symbol.asyncDispose]()
  }
}

function urlOf(pool: Pool | undefined): string | undefined {
  const where = located(pool)
  return where.kind === 'ready' ? where.url : undefined
}

function unready(pool: Pool): { readonly step: string; readonly reason: string }[] {
  const where = located(pool)
  return where.kind === 'ready' || pool.spec.scaling.min === 0 ? [] : [{ step: pool.spec.step, reason: where.reason }]
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
