import type { Ledger } from '../../../src/ledger/ledger.ts'

/** A ledger without any data, and what a test may do to it. Disposing of it closes it and removes the data. */
export interface LedgerUnderTest extends AsyncDisposable {
  readonly ledger: Ledger
  /** Closes the ledger and opens it again on the same data; `undefined`: the data ends with the ledger. */
  readonly reopen: (() => Promise<Ledger>) | undefined
}

export type OpenLedger = () => Promise<LedgerUnderTest>
