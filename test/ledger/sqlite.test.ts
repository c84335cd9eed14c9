import { join } from 'node:path'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { durableLedgerSuite } from '../conformance/ledger-suite.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

durableLedgerSuite('sqlite file', async () => {
  const folder = await createTempFolder()
  const path = join(folder.path, 'sluice.db')
  let ledger = await openSqliteLedger({ path })
  return {
    ledger,
    reopen: async () => {
      await ledger[Symbol.asyncDispose]()
      ledger = await openSqliteLedger({ path })
      return ledger
    },
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    }
  }
})
