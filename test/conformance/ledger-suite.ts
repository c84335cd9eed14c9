import { describe } from 'vitest'
import { acceptSuite } from './ledger/accept-suite.ts'
import { claimSuite } from './ledger/claim-suite.ts'
import { closeSuite } from './ledger/close-suite.ts'
import { deadLetterSuite } from './ledger/dead-letter-suite.ts'
import { documentSuite } from './ledger/document-suite.ts'
import { electSuite } from './ledger/elect-suite.ts'
import { hostileNamesSuite } from './ledger/hostile-names-suite.ts'
import type { OpenDurableLedger, OpenLedger } from './ledger/ledger-under-test.ts'
import { modelSuite } from './ledger/model-suite.ts'
import { orderSuite } from './ledger/order-suite.ts'
import { readSuite } from './ledger/read-suite.ts'
import { reopenSuite } from './ledger/reopen-suite.ts'
import { replaySuite } from './ledger/replay-suite.ts'
import { sameMomentSuite } from './ledger/same-moment-suite.ts'
import { settleSuite } from './ledger/settle-suite.ts'
import { streamSuite } from './ledger/stream-suite.ts'
import { waitingSuite } from './ledger/waiting-suite.ts'
import { watchSuite } from './ledger/watch-suite.ts'

/** Every ledger keeps these promises; an adapter is done when it passes. */
export function ledgerSuite(name: string, open: OpenLedger): void {
  describe(`ledger: ${name}`, () => {
    acceptSuite(open)
    claimSuite(open)
    settleSuite(open)
    streamSuite(open)
    sameMomentSuite(open)
    orderSuite(open)
    readSuite(open)
    waitingSuite(open)
    watchSuite(open)
    deadLetterSuite(open)
    replaySuite(open)
    documentSuite(open)
    electSuite(open)
    hostileNamesSuite(open)
    closeSuite(open)
    modelSuite(open)
  })
}

/** The same, of a ledger whose data outlives it. */
export function durableLedgerSuite(name: string, open: OpenDurableLedger): void {
  ledgerSuite(name, open)
  describe(`ledger: ${name}`, () => reopenSuite(open))
}
