import type { Logger } from '../telemetry/log.ts'
import type { Ledger } from './ledger.ts'
import { storeAddress } from './store-address.ts'

/**
 * The ledger that `--store` names: `sqlite:PATH`, `sqlite::memory:`, or a Redis URL (`redis://`, `rediss://`,
 * `redis+sentinel://`, `redis+cluster://`). Adapters are loaded when they are named. `strict`: replicas that may be
 * promoted confirm what is accepted.
 */
export async function openLedger(
  store: string,
  log: Logger,
  durability: 'default' | 'strict' = 'default'
): Promise<Ledger> {
  const path = storeAddress(store).path
  if (path !== undefined) {
    const { openSqliteLedger } = await import('./sqlite/open-sqlite-ledger.ts')
    return openSqliteLedger({ path, log })
  }
  const { connectRedisLedger } = await import('./redis/connect-redis-ledger.ts')
  return connectRedisLedger({ url: store, confirm: durability === 'strict', log })
}
