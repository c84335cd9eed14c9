import { randomUUID } from 'node:crypto'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { connectRedisLedger } from '../../src/ledger/redis/connect-redis-ledger.ts'
import { silentLogger } from '../../src/telemetry/log.ts'
import type { DurableLedgerUnderTest } from '../conformance/ledger/ledger-under-test.ts'

/** A ledger as a replica of its own has it; those with one prefix share their data. */
export const connectReplica = (url: string, prefix: string): Promise<Ledger> =>
  connectRedisLedger({ url, prefix, log: silentLogger() })

/** A ledger without data, on a server that may hold others. */
export async function openRedisLedger(url: string): Promise<DurableLedgerUnderTest> {
  const prefix = `test-${randomUUID()}`
  let ledger = await connectReplica(url, prefix)
  return {
    get ledger() {
      return ledger
    },
    async reopen() {
      await ledger[Symbol.asyncDispose]()
      ledger = await connectReplica(url, prefix)
      return ledger
    },
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]()
  }
}
