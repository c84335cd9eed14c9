import { afterAll, beforeAll, expect, it } from 'vitest'
import { aRequest, longLease, replied } from '../helpers/ledger-requests.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { openRedisLedger } from './redis-ledgers.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

it('ledger: redis > takes in and settles more at once than one command of a script can have members', async () => {
  await using opened = await openRedisLedger(server.url)
  const { ledger } = opened
  const requests = Array.from({ length: 2500 }, () => aRequest({ pipeline: 'default/many' }))
  const accepted = await ledger.accept(requests)
  expect(new Set(accepted.map(({ kind, id }) => `${kind} ${id}`)).size).toBe(2500)
  expect(await ledger.accept(requests)).toEqual(
    requests.map(({ id }) => ({ kind: 'known', id, sameFingerprint: true }))
  )
  expect(await ledger.pending('default/many')).toMatchObject({ queued: 2500, claimed: 0 })
  const claimed = await ledger.claim('default/many', 3000, longLease)
  const settled = await Promise.all(claimed.map(claim => ledger.settle(claim, replied)))
  expect([claimed.length, settled.every(Boolean)]).toEqual([2500, true])
  expect(await ledger.pending('default/many')).toMatchObject({ queued: 0, claimed: 0, oldestAcceptedAt: undefined })
})
