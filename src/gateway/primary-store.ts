import type { GatewayConfig } from '../config.ts'
import { createRequestId } from '../event/request-id.ts'
import { sqlitePath } from '../ledger/sqlite-path.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import type { StoreHost } from '../ledger/sqlite/store-host.ts'
import type { Holds } from '../mover/holds.ts'
import { startReplays, type Replays } from '../mover/replays.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Tracer } from '../telemetry/tracing.ts'

/** The store as the primary uses it: for the admin plane and replays; the workers run what is stored. */
export interface PrimaryStore extends AsyncDisposable {
  readonly ledger: Ledger
  readonly replays: Replays
  /** How the workers reach the store; `undefined`: each connects by itself. */
  readonly host: StoreHost | undefined
}

export interface PrimaryStoreDeps {
  readonly planOf: (pipeline: string) => Plan | undefined
  readonly holds: Pick<Holds, 'held'>
  readonly tracer: Tracer
  readonly leaseMs: number
  readonly log: Logger
}

export async function openPrimaryStore(
  { store, durability }: GatewayConfig,
  { planOf, holds, tracer, leaseMs, log }: PrimaryStoreDeps
): Promise<PrimaryStore> {
  await using opened = new AsyncDisposableStack()
  const path = sqlitePath(store)
  const { ledger, host } =
    path === undefined
      ? { ledger: await openLedger(store, log, durability), host: undefined }
      : await hostLedger(path, log)
  opened.use(ledger)
  const deps = { ledger, planOf, tracer, log, owner: createRequestId(), leaseMs }
  const replays = opened.use(
    startReplays({ ...deps, alone: path !== undefined, held: pipeline => holds.held(pipeline) })
  )
  const owned = opened.move()
  return { ledger, replays, host, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function hostLedger(path: string, log: Logger) {
  const { hostSqliteLedger } = await import('../ledger/sqlite/open-sqlite-ledger.ts')
  return hostSqliteLedger({ path, log })
}
