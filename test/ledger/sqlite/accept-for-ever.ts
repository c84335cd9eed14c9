import { openSqliteLedger } from '../../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { aRequest } from '../../helpers/ledger-requests.ts'

/* A process of its own: fifty producers that print the id of each request once it is accepted, until it is killed. */

const [path = ''] = process.argv.slice(2)
const ledger = await openSqliteLedger({ path })
process.stdout.write('open\n')
await Promise.all(Array.from({ length: 50 }, acceptForEver))

async function acceptForEver(): Promise<never> {
  for (;;) {
    const request = aRequest()
    await ledger.accept([request])
    process.stdout.write(`accepted ${request.id}\n`)
  }
}
