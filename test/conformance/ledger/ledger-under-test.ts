import type { Ledger } from '../../../src/ledger/ledger.ts'

/** A ledger without any data. Disposing of it closes it and removes the data. */
export interface LedgerUnderTest extends AsyncDisposable {
  readonly ledger: Ledger
}

/** A ledger whose data outlives it. */
export interface DurableLedgerUnderTest extends LedgerUnderTest {
  /** Closes the ledger and opens it again on the same data. */
  reopen(): Promise<Ledger>
}

export type OpenLedger = () => Promise<LedgerUnderTest>
export type OpenDurableLedger = () => Promise<DurableLedgerUnderTest>
