import { silentLogger } from '../telemetry/log.ts'
import type { Durability } from './ledger.ts'
import { openLedger } from './open-ledger.ts'
import { sqlitePath } from './sqlite-path.ts'

/** What a store is found to be. */
export interface StoreExamination {
  readonly durability: Durability
  /** The process of the gateway that has a store which only one can use: `process 4711`. */
  readonly usedBy: string | undefined
}

/** Finds out what the store guarantees, and leaves it as it was. Rejects with STORE_UNAVAILABLE when it cannot be used. */
export async function examineStore(store: string, durability: 'default' | 'strict'): Promise<StoreExamination> {
  const path = sqlitePath(store)
  if (path !== undefined) {
    const { examineSqlite } = await import('./sqlite/examine-sqlite.ts')
    return examineSqlite(path)
  }
  // A connection to Redis writes nothing by itself.
  await using ledger = await openLedger(store, silentLogger(), durability)
  return { durability: ledger.durability, usedBy: undefined }
}
