import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { toStoredRequest, unpooled } from '../../src/ledger/sqlite/encode-request.ts'
import { encodeSettlement } from '../../src/ledger/record/record-codec.ts'
import type { Operation } from '../../src/ledger/sqlite/operations.ts'
import { Transactions } from '../../src/ledger/sqlite/thread/transactions.ts'
import { anEvent } from '../helpers/events.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway } from '../stored/stored-gateway.ts'
import { aDeadLetter, aFailure, aRequest, rootPlaces } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { connectReplica } from './redis-ledgers.ts'

const event = anEvent({ data: new Uint8Array(1_000_000) })
const failure = aFailure({ places: rootPlaces({ event }) })
const letters = 20
const all = { pipeline: undefined, step: undefined, code: undefined, since: undefined, after: undefined, closed: false }

const allRequests = { pipeline: undefined, status: undefined, after: undefined }

describe('a list of what has much data', () => {
  it.each<Operation>([
    { name: 'listDeadLetters', input: { ...all, limit: 100 } },
    { name: 'list', input: { ...allRequests, limit: 100 } }
  ])('leaves the data where it is, on SQLite: $name', operation => {
    using store = new Transactions(':memory:')
    for (let i = 0; i < letters; i++) failOne(store)
    const [listed] = store.run([operation])
    if (listed?.kind !== 'done') throw new Error(JSON.stringify(listed))
    expect(listed.value).toHaveLength(letters)
    expect(bytesIn(listed.value)).toBeLessThan(letters * 2_000)
  })

  it('leaves the data where it is, on Redis, when the admin plane is asked for requests or dead letters', async () => {
    await using server = await startRedis()
    await using step = await startStep(({ headers, body }) => ({
      status: headers['ce-subject'] === 'fail' ? 400 : 200,
      headers: { 'content-type': 'text/plain' },
      body
    }))
    await using gateway = await startStoredGateway(server.url, { steps: [step.url] })
    using client = disposable(new Redis(server.url))
    const text = 'x'.repeat(500_000)
    const event = (i: number) => ({ 'ce-specversion': '1.0', 'ce-id': `${i}`, 'ce-source': '/s', 'ce-type': 't' })
    const ids: string[] = []
    for (let i = 0; i < letters; i++) {
      const subject = i % 2 === 0 ? 'fail' : 'reply'
      const { id } = await gateway.accept(text, { ...event(i), 'ce-subject': subject, 'content-type': 'text/plain' })
      await gateway.until(id, subject === 'fail' ? 'failed' : 'replied')
      ids.push(id)
    }
    for (const [list, count] of [
      ['requests', letters],
      ['deadletters', letters / 2]
    ] as const) {
      const before = await sentBy(client)
      const { items } = (await (await fetch(`${gateway.adminUrl}/${list}`)).json()) as { items: { id: string }[] }
      expect(items.map(({ id }) => ids.includes(id))).toEqual(Array<boolean>(count).fill(true))
      expect((await sentBy(client)) - before).toBeLessThan(letters * 2_000 + 20_000)
    }
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
