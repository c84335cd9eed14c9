import type { GatewayConfig } from '../config.ts'
import { createRequestId } from '../event/request-id.ts'
import { sqlitePath } from '../ledger/sqlite-path.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import type { StoreHost } from '../ledger/sqlite/hosting/store-host.ts'
import type { Holds } from '../mover/holds.ts'
import { startReplays, type Replays } from '../replay/replays.ts'
import { sweepGenerations } from '../control/sweep-generations.ts'
import { generationsIn } from './open-generations.ts'
import { watchUnserved, type Unserved } from '../mover/unserved.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracer } from '../telemetry/tracing.ts'

/** The store as the primary uses it: for the admin plane and replays; the workers run what is stored. */
export interface PrimaryStore extends AsyncDisposable {
  readonly ledger: Ledger
  readonly replays: Replays
  readonly unserved: Unserved
  /** How the workers reach the store; `undefined`: each connects by itself. */
  readonly host: StoreHost | undefined
}

export interface PrimaryStoreDeps {
  readonly plans: readonly Plan[]
  readonly holds: Pick<Holds, 'held'>
  readonly metrics: Pick<Metrics, 'deadLettered'>
  readonly tracer: Tracer
  readonly leaseMs: number
  readonly log: Logger
}

export async function openPrimaryStore(
  config: GatewayConfig,
  { plans, holds, metrics, tracer, leaseMs, log }: PrimaryStoreDeps
): Promise<PrimaryStore> {
  await using opened = new AsyncDisposableStack()
  const { store, durability } = config
  const path = sqlitePath(store)
  const { ledger, host } =
    path === undefined
      ? { ledger: await openLedger(store, log, durability), host: undefined }
      : await hostLedger(path, log)
  opened.use(ledger)
  const generations = generationsIn(config, ledger)
  const numbers = await generations.number(plans)
  const served = new Map(plans.map((plan, i) => [plan.pipeline, { plan, generation: numbers[i] ?? 0 }]))
  const servedOf = (pipeline: string) => served.get(pipeline)
  opened.use(sweepGenerations(generations, pipeline => servedOf(pipeline)?.generation, log))
  const deps = { ledger, servedOf, tracer, log, owner: createRequestId(), leaseMs }
  const replays = opened.use(
    startReplays({ ...deps, alone: path !== undefined, held: pipeline => holds.held(pipeline) })
  )
  const isServed = (pipeline: string) => served.has(pipeline)
  const unserved = opened.use(watchUnserved({ ...deps, isServed, metrics }))
  const owned = opened.move()
  return { ledger, replays, unserved, host, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function hostLedger(path: string, log: Logger) {
  const { hostSqliteLedger } = await import('../ledger/sqlite/open-sqlite-ledger.ts')
  return hostSqliteLedger({ path, log })
}
