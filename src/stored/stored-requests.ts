import type { Ledger } from '../ledger/ledger.ts'
import type { Mover } from '../mover/mover.ts'

/** The ledger with the mover that works on it. */
export interface StoredRequests {
  readonly ledger: Ledger
  readonly mover: Mover
}
