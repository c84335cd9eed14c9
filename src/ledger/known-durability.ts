import type { Durability } from './ledger.ts'
import { sqlitePath } from './sqlite-path.ts'
import { sqliteDurability } from './sqlite/sqlite-durability.ts'

/** What a 202 means on the store that `--store` names, where that is known before it is open; `undefined`: it has to say. */
export function knownDurability(store: string): Durability | undefined {
  const path = sqlitePath(store)
  return path === undefined ? undefined : sqliteDurability(path)
}
