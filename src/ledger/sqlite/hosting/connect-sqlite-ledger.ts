import type { Durability } from '../../durability.ts'
import type { Ledger } from '../../ledger.ts'
import type { RemoteStore } from './remote-store.ts'
import { SqliteLedger } from '../sqlite-ledger.ts'

/** Told by the process that holds the store. */
const outage = { reason: undefined }

/** The ledger in a store that another process holds; disposing waits for what was sent there. */
export const connectSqliteLedger = (store: RemoteStore, durability: Durability): Ledger =>
  new SqliteLedger({ calls: store, watching: store, durability, outage, owned: store })
