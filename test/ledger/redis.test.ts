import { afterAll, beforeAll } from 'vitest'
import { durableLedgerSuite } from '../conformance/ledger-suite.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { openRedisLedger } from './redis-ledgers.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

durableLedgerSuite('redis', () => openRedisLedger(server.url))
