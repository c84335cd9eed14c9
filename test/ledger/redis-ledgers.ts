import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { connectRedisLedger } from '../../src/ledger/redis/connect-redis-ledger.ts'
import { silentLogger } from '../../src/telemetry/log.ts'
import { startRedis } from '../helpers/redis-server.ts'
import type { DurableLedgerUnderTest } from '../conformance/ledger/ledger-under-test.ts'

/** A ledger as a replica of its own has it; those with one prefix share their data. */
export const connectReplica = (url: string, prefix: string): Promise<Ledger> =>
  connectRedisLedger({ url, prefix, log: silentLogger() })

export interface OwnRedisLedger extends AsyncDisposable {
  readonly ledger: Ledger
  /** Looks at, and changes, what the ledger keeps. */
  readonly client: Redis
}

/** A ledger with the prefix `test`, on a server that has nothing else. */
export async function openOnOwnRedis(): Promise<OwnRedisLedger> {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await startRedis())
  const ledger = opened.use(await connectReplica(server.url, 'test'))
  const client = opened.adopt(new Redis(server.url), made => made.disconnect())
  const owned = opened.move()
  return { ledger, client, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

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
