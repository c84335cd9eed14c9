import { resolve } from 'node:path'
import { createLogger, type Logger } from '../../telemetry/log.ts'
import type { Durability, Ledger } from '../ledger.ts'
import { Outage } from '../outage.ts'
import { RequestWatchers } from './request-watchers.ts'
import { SqliteLedger } from './sqlite-ledger.ts'
import { StoreThread } from './store-thread.ts'
import { Sweeper } from './sweeper.ts'

export interface SqliteLedgerOptions {
  /** A file, which is created when it is not there, or `:memory:`. */
  readonly path: string
  /** Is told when the store is away. Default: nobody is. */
  readonly log?: Logger
}

/** Opens the ledger of the file. Rejects with STORE_UNAVAILABLE when another gateway uses it, or it cannot be used. */
export async function openSqliteLedger({ path, log = createLogger('silent') }: SqliteLedgerOptions): Promise<Ledger> {
  const thread = await StoreThread.start(path, new Outage(`sqlite:${path}`, log))
  const watchers = new RequestWatchers()
  return new SqliteLedger({ thread, watchers, sweeper: new Sweeper(thread), durability: durabilityOf(path) })
}

function durabilityOf(path: string): Durability {
  if (path !== ':memory:') {
    const summary = `sqlite file ${resolve(path)}: survives kill -9 and power loss (WAL, synchronous=FULL)`
    return { level: 3, summary, warnings: [] }
  }
  const warning = 'accepted requests are lost when the gateway ends; name a file: --store sqlite:./sluice.db'
  return { level: 0, summary: 'sqlite in memory: survives nothing', warnings: [warning] }
}
