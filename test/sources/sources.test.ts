import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnector } from '../../src/delivery/connect.ts'
import { createEgressCheck } from '../../src/delivery/egress.ts'
import { createNameResolver } from '../../src/delivery/names/resolve-name.ts'
import { SharedLookups } from '../../src/delivery/names/shared-lookups.ts'
import { createRequestId } from '../../src/event/request-id.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import type { Entry } from '../../src/sources/source.ts'
import { HttpSource } from '../../src/sources/http-source.ts'
import { RedisStreamSource } from '../../src/sources/redis/redis-stream-source.ts'
import { createScheduleSource } from '../../src/sources/schedule-source.ts'
import { sourceSuite } from '../conformance/source-suite.ts'
import { createGate } from '../helpers/gate.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connect } from './sourced-gateway.ts'

let redis: RedisServer
beforeAll(async () => void (redis = await startRedis()))
afterAll(async () => redis[Symbol.asyncDispose]())

const place = { pipeline: 'default/test', name: 'entries', source: '/default/test/entries', maxBytes: 1000 }
let streams = 0

sourceSuite('redisStream', async () => {
  const opened = new AsyncDisposableStack()
  const ledger = opened.use(await openLedger('sqlite::memory:', silentLog))
  const client = opened.use(connect(redis))
  const stream = `in-${++streams}`
  const plan = { kind: 'redisStream', name: 'entries', url: redis.url, stream, group: 'g' } as const
  const roles = () => Promise.resolve(ledger)
  return {
    create: () => new RedisStreamSource(plan, place, { roles, owner: createRequestId(), log: silentLog, goneMs: 100 }),
    add: async data => void (await client.xadd(stream, '*', 'data', data)),
    unacknowledged: async () => Number((await client.xpending(stream, 'g'))[0]),
    [Symbol.asyncDispose]: () => opened.disposeAsync()
  }
})

sourceSuite('schedule', () =>
  Promise.resolve({
    create: () =>
      createScheduleSource(
        { kind: 'schedule', name: 'entries', cron: '* * * * * *', timezone: 'UTC', data: Buffer.from('1') },
        place
      ),
    add: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve()
  })
)

const connector = createConnector(
  createEgressCheck({ kind: 'cluster' }),
  new SharedLookups(createNameResolver()),
  undefined
)

async function openPolled(...more: readonly number[]) {
  const opened = new AsyncDisposableStack()
  const ledger = opened.use(await openLedger('sqlite::memory:', silentLog))
  const shown = { text: '', asked: [] as (string | undefined)[] }
  const [first] = more
  const server = opened.use(
    await startStep(({ headers }) => {
      shown.asked.push(headers['if-none-match'])
      if (shown.text === '') return first ?? 204
      const etag = `"${shown.text}"`
      if (headers['if-none-match'] === etag) return 304
      return { headers: { 'content-type': 'application/json', etag }, body: shown.text }
    })
  )
  const plan = { kind: 'http', name: 'entries', url: `${server.url}/x?y=1`, everyMs: 20 } as const
  const polling = new Set<string>()
  const warnings: unknown[] = []
  const log = { warn: (fields: object) => void warnings.push(fields) }
  const elections = { count: 0 }
  const roles = () => {
    elections.count++
    return Promise.resolve(ledger)
  }
  const documents = () => Promise.resolve(ledger.documents)
  return {
    shown,
    server,
    warnings,
    ledger,
    /** How often a replica asked for the role. */
    elections,
    /** The owners of the sources that have polled. */
    polling,
    create: (owner = createRequestId()) => {
      const connect: typeof connector = (options, callback) => {
        polling.add(owner)
        connector(options, callback)
      }
      return new HttpSource(plan, place, { roles, documents, owner, connect, log })
    },
    add: (data: string) => {
      shown.text = data
      return Promise.resolve()
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync()
  }
}

sourceSuite('http', () => openPolled())

describe('a poll', () => {
  it('gives each body that differs from the last, sends the ETag back, and remembers over a restart', async () => {
    await using polled = await openPolled()
    const bodies: string[] = []
    const intake = {
      accept: (entries: readonly Entry[]) => {
        bodies.push(...entries.map(({ event }) => Buffer.from(event.data ?? '').toString()))
        return Promise.resolve(true)
      }
    }
    const until = async (count: number): Promise<void> => {
      const ending = new AbortController()
      const done = polled.create().run(intake, ending.signal)
      const asked = polled.shown.asked.length
      await waitFor(() => bodies.length >= count && polled.shown.asked.length >= asked + 3, { what: `${count} bodies` })
      ending.abort()
      await done
    }
    await polled.add('1')
    await until(1)
    await until(1)
    await polled.add('2')
    await until(2)
    await polled.add('1')
    await until(3)
    expect(bodies).toEqual(['1', '2', '1'])
    expect(polled.shown.asked).toContain('"1"')
  })

  it('warns of any other answer, and asks again', async () => {
    await using polled = await openPolled(503)
    const ending = new AbortController()
    const done = polled.create().run({ accept: () => Promise.resolve(true) }, ending.signal)
    await waitFor(() => polled.warnings.length >= 2, { what: 'two warnings' })
    ending.abort()
    await done
    expect(polled.warnings[0]).toEqual({ pipeline: 'default/test', source: 'entries', reason: 'it answered 503' })
  })

  it('keeps its role while the queue is full, and remembers nothing once another replica has it', async () => {
    await using polled = await openPolled()
    const [full, ending] = [createGate(), new AbortController()]
    let accepts = 0
    const intake = {
      async accept() {
        if (++accepts === 1) await full.opened
        return true
      }
    }
    await polled.add('1')
    const done = polled.create('first').run(intake, ending.signal)
    await waitFor(() => accepts === 1, { what: 'an entry' })
    const before = polled.elections.count
    await waitFor(() => polled.elections.count > before, { what: 'a renewal' })
    const role = `source ${place.source}`
    await polled.ledger.elect(role, { owner: 'first', leaseMs: 0 })
    expect(await polled.ledger.elect(role, { owner: 'second', leaseMs: 60_000 })).toBe(true)
    full.open()
    const since = polled.elections.count
    await waitFor(() => polled.elections.count >= since + 3, { what: 'some elections' })
    ending.abort()
    await done
    expect(await polled.ledger.documents.get('polled', place.source)).toBeUndefined()
  })

  it('is made by one replica alone', async () => {
    await using polled = await openPolled()
    const ending = new AbortController()
    const intake = { accept: () => Promise.resolve(true) }
    const runs = [polled.create(), polled.create(), polled.create()].map(each => each.run(intake, ending.signal))
    await waitFor(() => polled.server.requests.length >= 5, { what: 'some polls' })
    ending.abort()
    await Promise.all(runs)
    expect(polled.polling.size).toBe(1)
  })
})
