import { silentLogger, type Logger } from '../../telemetry/log.ts'
import type { Ledger } from '../ledger.ts'
import { Outage } from '../outage.ts'
import { RequestWatchers } from './request-watchers.ts'
import { sqliteDurability } from './sqlite-durability.ts'
import { SqliteLedger } from './sqlite-ledger.ts'
import { StoreHost } from './hosting/store-host.ts'
import { StoreThread } from './store-thread.ts'
import { Sweeper } from './sweeper.ts'

export interface SqliteLedgerOptions {
  /** A file, which is created when it is not there, or `:memory:`. */
  readonly path: string
  /** Is told when the store is away. Default: nobody is. */
  readonly log?: Logger
}

/** A ledger, and how other processes of this gateway reach the store of it. */
export interface HostedLedger {
  readonly ledger: Ledger
  readonly host: StoreHost
}

/** Opens the ledger of the file. Rejects with STORE_UNAVAILABLE when another gateway uses it, or it cannot be used. */
export const openSqliteLedger = async (options: SqliteLedgerOptions): Promise<Ledger> =>
  (await hostSqliteLedger(options)).ledger

/** As `openSqliteLedger`, for several processes: this one holds the store. */
export async function hostSqliteLedger({ path, log = silentLogger() }: SqliteLedgerOptions): Promise<HostedLedger> {
  const watchers = new RequestWatchers()
  await using opened = new AsyncDisposableStack()
  const outage = new Outage(`sqlite:${path}`, log)
  const thread = opened.use(await StoreThread.start(path, { watchers, outage }))
  opened.use(new Sweeper(thread))
  const durability = sqliteDurability(path, thread.warnings)
  const ledger = new SqliteLedger({ calls: thread, watching: watchers, durability, outage, owned: opened.move() })
  return { ledger, host: new StoreHost(thread, watchers, durability) }
}
