import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Settlement } from '../../src/ledger/record/settlement.ts'
import { anEvent } from '../helpers/events.ts'
import {
  acceptClaimed,
  aRequest,
  cancelled,
  failed,
  filtered,
  readRecord,
  replied
} from '../helpers/ledger-requests.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { openOnOwnRedis, type OwnRedisLedger } from './redis-ledgers.ts'

const base = 'test:{default%2Fcomments}'

let own: OwnRedisLedger
let ledger: Ledger
let client: Redis

beforeEach(async () => {
  own = await openOnOwnRedis()
  ;({ ledger, client } = own)
})
afterEach(() => own[Symbol.asyncDispose]())

describe('records in Redis', () => {
  const data = new Uint8Array(5_000).fill(120)

  it.each<Settlement>([replied, filtered, cancelled])(
    'give back the memory of their data when the request was $status',
    async settlement => {
      const request = aRequest({ event: anEvent({ data }) })
      const claim = await acceptClaimed(ledger, request)
      expect((await readRecord(ledger, request)).event.data).toEqual(data)
      const before = Number(await client.memory('USAGE', `${base}:request:${request.id}`))
      await ledger.settle(claim, settlement)
      expect(await readRecord(ledger, request)).toMatchObject({ status: settlement.status, event: { data: undefined } })
      const after = Number(await client.memory('USAGE', `${base}:request:${request.id}`))
      expect(before - after).toBeGreaterThan(3_000)
    }
  )

  it('keep their data when the request failed, for its replay', async () => {
    const request = aRequest({ event: anEvent({ data }) })
    await ledger.settle(await acceptClaimed(ledger, request), failed)
    expect((await ledger.deadLetters.read(request.id))?.record.event.data).toEqual(data)
  })

  it('leave the indexes some time after they expired, and are known to have been', async () => {
    const requests = Array.from({ length: 40 }, () => aRequest({ ttlMs: 1 }))
    const claims = await Promise.all(requests.map(request => acceptClaimed(ledger, request)))
    await Promise.all(claims.map(claim => ledger.settle(claim, replied)))
    const [request = aRequest()] = requests
    await waitFor(async () => (await ledger.read(request.pipeline, request.id)) === 'expired', { what: 'the expiry' })
    expect(await client.zcard(`${base}:all`)).toBe(40)
    // Brings forward the end of the ten seconds, the span in which they expired.
    const spans = await client.zrange(`${base}:ends`, 0, '-1')
    for (const span of spans) await client.zadd(`${base}:ends`, 0, span)
    // Each acceptance sweeps a few more than it adds.
    for (let sweep = 1; sweep <= 6; sweep++) await ledger.accept([aRequest()])
    expect(await client.zcard(`${base}:all`)).toBe(6)
    expect(await client.keys(`${base}:ends*`)).toEqual([])
    for (const { pipeline, id } of requests) expect(await ledger.read(pipeline, id)).toBe('expired')
  })

  it('leave the indexes also when nothing more comes', async () => {
    const requests = Array.from({ length: 300 }, () => aRequest({ ttlMs: 1 }))
    const claims = await Promise.all(requests.map(request => acceptClaimed(ledger, request)))
    await Promise.all(claims.map(claim => ledger.settle(claim, replied)))
    for (const span of await client.zrange(`${base}:ends`, 0, '-1')) await client.zadd(`${base}:ends`, 0, span)
    await waitFor(async () => (await client.exists(`${base}:all`, `${base}:ends`)) === 0, { what: 'the sweep' })
    for (const { pipeline, id } of requests.slice(0, 3)) expect(await ledger.read(pipeline, id)).toBe('expired')
  })

  it('tell those who wait for any of them by one message, when they end by one script', async () => {
    using opened = new DisposableStack()
    const listener = opened.adopt(client.duplicate(), made => made.disconnect())
    const messages: string[] = []
    listener.on('message', (_, message) => messages.push(message))
    const requests = Array.from({ length: 20 }, () => aRequest())
    const claims = await Promise.all(requests.map(request => acceptClaimed(ledger, request)))
    await listener.subscribe(`${base}:changes`)
    const signal = AbortSignal.timeout(10_000)
    const waited = claims.map(({ pipeline, id, record }) => ledger.wait(pipeline, id, record.version, signal))
    await Promise.all(claims.map(claim => ledger.settle(claim, replied)))
    for (const record of await Promise.all(waited)) expect(record).toMatchObject({ status: 'replied' })
    // A caller who waits in the process that settles may know before the message is here.
    await waitFor(() => messages.length > 0, { what: 'the message' })
    expect(messages).toEqual([requests.map(({ id }) => id).join(' ')])
  })
})
