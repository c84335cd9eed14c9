import { silentLogger } from '../telemetry/log.ts'
import type { StoreExamination } from './durability.ts'
import { openLedger } from './open-ledger.ts'
import { storeAddress } from './store-address.ts'

/**
 * Finds out what the store guarantees, and leaves it as it was. Rejects with STORE_UNAVAILABLE when it cannot be used.
 */
export async function examineStore(store: string, durability: 'default' | 'strict'): Promise<StoreExamination> {
  const path = storeAddress(store).path
  if (path !== undefined) {
    const { examineSqlite } = await import('./sqlite/examine-sqlite.ts')
    return examineSqlite(path)
  }
  // A connection to Redis writes nothing by itself.
  await using ledger = await openLedger(store, silentLogger(), durability)
  return { durability: ledger.durability, usedBy: undefined }
}
