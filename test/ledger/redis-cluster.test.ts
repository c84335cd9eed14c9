import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { durableLedgerSuite } from '../conformance/ledger-suite.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { aRequest, longLease, readRecord, replied } from '../helpers/ledger-requests.ts'
import { connectReplica, openRedisLedger } from './redis-ledgers.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { moveSlot, startRedisCluster, type RedisCluster } from './redis-cluster.ts'

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

it('loses nothing, and runs nothing that it refused, while the slot of a pipeline moves under load', async () => {
  await using ledger = await connectReplica(cluster.url, 'moved')
  const requests = Array.from({ length: 300 }, () => aRequest({ deduplicationKeys: [randomUUID()] }))
  await ledger.accept(requests)
  const accepted = new Set(requests.map(({ id }) => id))
  const refusals: unknown[] = []
  const run: string[] = []
  const stop = new AbortController()
  const callers = Array.from({ length: 4 }, () => call(ledger, { accepted, refusals, run, signal: stop.signal }))
  await waitFor(() => run.length > 10, { what: 'the load' })
  expect(await moveSlot(cluster, 'moved:{default%2Fcomments}')).toBeGreaterThan(300)
  const before = accepted.size
  await waitFor(() => accepted.size > before + 20, { what: 'requests to be accepted on the new node' })
  stop.abort()
  await Promise.all(callers)
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await waitFor(() => runSome(ledger, run).then(() => run.length >= accepted.size), { what: 'all to be run' })
  expect(run.toSorted()).toEqual([...accepted].toSorted())
  for (const id of accepted) expect(await readRecord(ledger, { pipeline, id })).toMatchObject({ status: 'replied' })
}, 60_000)

const pipeline = 'default/comments'

interface Load {
  readonly accepted: Set<string>
  readonly refusals: unknown[]
  readonly run: string[]
  readonly signal: AbortSignal
}

/** Accepts and runs by turns. */
async function call(ledger: Ledger, { accepted, refusals, run, signal }: Load): Promise<void> {
  while (!signal.aborted) {
    const request = aRequest()
    try {
      await ledger.accept([request])
      accepted.add(request.id)
      await runSome(ledger, run)
    } catch (refusal) {
      refusals.push(refusal)
    }
  }
}

async function runSome(ledger: Ledger, run: string[]): Promise<void> {
  for (const claim of await ledger.claim(pipeline, 2, longLease)) {
    // The claim stands: the settlement is repeated until it is answered.
    await waitFor(async () => (await ledger.settle(claim, replied), true), { what: 'a settlement', timeoutMs: 30_000 })
    run.push(claim.id)
  }
}
