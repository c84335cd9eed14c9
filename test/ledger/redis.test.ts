import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { connectRedisLedger } from '../../src/ledger/redis/connect-redis-ledger.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { ledgerSuite } from '../conformance/ledger-suite.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

ledgerSuite('redis', async () => {
  const prefix = `test-${randomUUID()}`
  const connect = (): Promise<Ledger> => connectRedisLedger({ url: server.url, prefix, log: createLogger('silent') })
  let ledger = await connect()
  return {
    get ledger() {
      return ledger
    },
    async reopen() {
      await ledger[Symbol.asyncDispose]()
      ledger = await connect()
      return ledger
    },
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]()
  }
})
