import { afterAll, beforeAll, expect, it } from 'vitest'
import { durableLedgerSuite } from '../conformance/ledger-suite.ts'
import { aRequest } from '../helpers/ledger-requests.ts'
import { openRedisLedger } from './redis-ledgers.ts'
import { startRedisCluster, type RedisCluster } from './redis-cluster.ts'

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startRedisCluster()
})
afterAll(() => cluster[Symbol.asyncDispose]())

durableLedgerSuite('redis cluster', () => openRedisLedger(cluster.url))

it('puts the pipelines on all nodes of a cluster', async () => {
  await using under = await openRedisLedger(cluster.url)
  const requests = Array.from({ length: 30 }, (_, i) => aRequest({ pipeline: `default/pipeline-${i}` }))
  await Promise.all(requests.map(request => under.ledger.accept([request])))
  expect(await under.ledger.claimable()).toHaveLength(30)
  const listed = await under.ledger.list({ pipeline: undefined, status: undefined, after: undefined, limit: 100 })
  expect(listed.map(({ id }) => id)).toEqual(requests.map(({ id }) => id).toReversed())
})
