import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { toStoredRequest, unpooled } from '../../src/ledger/sqlite/encode-request.ts'
import { encodeSettlement } from '../../src/ledger/record/record-codec.ts'
import { Transactions } from '../../src/ledger/sqlite/thread/transactions.ts'
import { anEvent } from '../helpers/events.ts'
import { aDeadLetter, aFailure, aRequest, rootPlaces } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { connectReplica } from './redis-ledgers.ts'

const event = anEvent({ data: new Uint8Array(1_000_000) })
const failure = aFailure({ places: rootPlaces({ event }) })
const letters = 20
const all = { pipeline: undefined, step: undefined, code: undefined, since: undefined, after: undefined, closed: false }

describe('a list of dead letters with much data', () => {
  it('leaves the data where it is, on SQLite', () => {
    using store = new Transactions(':memory:')
    for (let i = 0; i < letters; i++) failOne(store)
    const [listed] = store.run([{ name: 'listDeadLetters', input: { ...all, limit: 100 } }])
    if (listed?.kind !== 'done') throw new Error(JSON.stringify(listed))
    expect(listed.value).toHaveLength(letters)
    expect(bytesIn(listed.value)).toBeLessThan(letters * 2_000)
  })

  it('leaves the data where it is, on Redis', async () => {
    await using server = await startRedis()
    await using ledger = await connectReplica(server.url, 'test')
    using client = disposable(new Redis(server.url))
    for (let i = 0; i < letters; i++) await aDeadLetter(ledger, aRequest({ event }), failure)
    const before = await sentBy(client)
    expect(await idsOf(ledger)).toHaveLength(letters)
    expect((await sentBy(client)) - before).toBeLessThan(letters * 2_000 + 10_000)
    // More than one call may look at.
    expect(new Set(await idsOf(ledger)).size).toBe(letters)
  })
})

function failOne(store: Transactions): void {
  const { id, pipeline, ...request } = aRequest({ event })
  store.run([
    { name: 'accept', input: { requests: [toStoredRequest({ id, pipeline, ...request })], leaseMs: 60_000 } },
    {
      name: 'settle',
      input: {
        claim: { pipeline, id, token: 1 },
        status: 'failed',
        bytes: unpooled(encodeSettlement({ status: 'failed', failure, steps: [] }, 'an id')),
        code: failure.code,
        step: failure.step
      }
    }
  ])
}

/** The octets of all frames in the value. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.buffer.byteLength
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((sum, part) => sum + bytesIn(part), 0)
}

const idsOf = async (ledger: Ledger): Promise<readonly string[]> =>
  (await ledger.deadLetters.list({ ...all, limit: 100 })).map(({ record }) => record.id)

const sentBy = async (client: Redis): Promise<number> =>
  Number(/total_net_output_bytes:(\d+)/.exec(await client.info('stats'))?.[1])

const disposable = (client: Redis): Redis & Disposable =>
  Object.assign(client, { [Symbol.dispose]: () => client.disconnect() })
