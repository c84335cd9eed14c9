import type { Durability } from './ledger.ts'
import { sqliteDurability } from './sqlite/sqlite-durability.ts'

/** What a 202 means on the store that `--store` names, where that is known before it is open; `undefined`: it has to say. */
export const knownDurability = (store: string): Durability | undefined =>
  store.startsWith('sqlite:') ? sqliteDurability(store.slice('sqlite:'.length)) : undefined
