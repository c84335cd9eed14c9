import { expect, it } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { aRequest } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { connectReplica } from './redis-ledgers.ts'

const [few, many] = ['default/few', 'default/many']

async function fill(ledger: Ledger, pipeline: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1_000) {
    const size = Math.min(1_000, count - done)
    await ledger.accept(Array.from({ length: size }, (_, i) => aRequest({ pipeline, eventTime: count - done - i })))
  }
}

/** Median time of a reading of each pipeline, taken in turn, in milliseconds. */
async function costs(ledger: Ledger): Promise<readonly number[]> {
  const taken = new Map([few, many].map(pipeline => [pipeline, [] as number[]]))
  for (let i = 0; i < 101; i++) {
    for (const [pipeline, times] of taken) {
      const began = performance.now()
      await ledger.pending(pipeline)
      times.push(performance.now() - began)
    }
  }
  return [...taken.values()].map(times => times.toSorted((a, b) => a - b)[50] ?? NaN)
}

/** The heap of the watermark is the store's own index: the least of it is found without looking at the others. */
async function expectIndexed(ledger: Ledger): Promise<void> {
  await fill(ledger, few, 10)
  await fill(ledger, many, 100_000)
  expect(await ledger.pending(many)).toMatchObject({ queued: 100_000, leastEventTime: 1 })
  const [ofFew = NaN, ofMany = NaN] = await costs(ledger)
  expect(ofMany).toBeLessThan(3 * ofFew + 1)
}

it('reads the watermark of a hundred thousand requests in SQLite as quickly as that of ten', async () => {
  await using ledger = await openSqliteLedger({ path: ':memory:' })
  await expectIndexed(ledger)
}, 120_000)

it('reads the watermark of a hundred thousand requests in Redis as quickly as that of ten', async () => {
  await using server = await startRedis()
  await using ledger = await connectReplica(server.url, 'test')
  await expectIndexed(ledger)
}, 120_000)
