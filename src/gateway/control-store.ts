import { sweepGenerations } from '../control/sweep-generations.ts'
import { pausedHold } from '../control/paused-hold.ts'
import type { Reconciler } from '../control/reconciler.ts'
import { createRequestId } from '../event/request-id.ts'
import { storeAddress } from '../ledger/store-address.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import type { StoreHost } from '../ledger/sqlite/hosting/store-host.ts'
import type { HeldPipelines } from '../mover/held-pipelines.ts'
import { startReplays, type Replays } from '../replay/replays.ts'
import { watchUnserved, type Unserved } from '../mover/unserved.ts'
import { generationsIn } from './generations-in.ts'
import type { ProcessParts } from './process-parts.ts'

/** The store as what controls a gateway uses it: for definitions, the admin plane and replays. */
export interface ControlStore extends AsyncDisposable {
  readonly ledger: Ledger
  readonly replays: Replays
  readonly unserved: Unserved
  /** How workers reach the store; `undefined`: each connects by itself. */
  readonly host: StoreHost | undefined
}

export interface ControlStoreDeps {
  readonly reconciler: Reconciler
  readonly holds: Pick<HeldPipelines, 'held'>
  readonly leaseMs: number
  /** The parts that work on the ledger in this process see this in its place. */
  readonly decorate: (ledger: Ledger) => Ledger
}

export async function openControlStore(
  { config, log, metrics, tracer }: ProcessParts,
  { reconciler, holds, leaseMs, decorate }: ControlStoreDeps
): Promise<ControlStore> {
  await using opened = new AsyncDisposableStack()
  const host = await openHost(config.workers, config.store, log)
  const ledger = opened.use(decorate(host?.ledger ?? (await openLedger(config.store, log, config.durability))))
  const generations = generationsIn(config, ledger)
  await reconciler.storeOpened({ ledger, generations })
  const servedOf = (pipeline: string) => reconciler.servedOf(pipeline)
  opened.use(sweepGenerations(generations, pipeline => servedOf(pipeline)?.generation, log))
  const owner = createRequestId()
  const held = (pipeline: string) => holds.held(pipeline)
  const deps = { ledger, servedOf, tracer, log, owner, leaseMs }
  const replays = opened.use(startReplays({ ...deps, held, alone: storeAddress(config.store).hosted }))
  // Nobody claims what waits for a paused one, but its deadlines hold.
  const holdOf = (pipeline: string) => pausedHold(reconciler.get(pipeline))
  const isServed = (pipeline: string) => servedOf(pipeline)?.gate === 'open' && holdOf(pipeline) === undefined
  const unserved = opened.use(watchUnserved({ ledger, isServed, holdOf, metrics, owner, log }))
  const owned = opened.move()
  return { ledger, replays, unserved, host: host?.host, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** An SQLite store is held here for all workers; `undefined`: it is another one, or there are none. */
async function openHost(workers: number, store: string, log: ProcessParts['log']) {
  const path = storeAddress(store).path
  if (workers === 1 || path === undefined) return undefined
  const { hostSqliteLedger } = await import('../ledger/sqlite/open-sqlite-ledger.ts')
  return hostSqliteLedger({ path, log })
}
