import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { randomUUID } from 'node:crypto'
import type { Claimed } from '../../src/ledger/work.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import {
  acceptClaimed,
  aCheckpoint,
  rootMarks,
  aRequest,
  longLease,
  replied,
  shortLease
} from '../helpers/ledger-requests.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connectReplica } from './redis-ledgers.ts'

const pipeline = 'default/comments'

let server: RedisServer
let held = new AsyncDisposableStack()
beforeAll(async () => {
  server = await startRedis()
})
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})
afterAll(() => server[Symbol.asyncDispose]())

it('tells the other replica of work', async () => {
  const [one, other] = await openTwo()
  const told: string[] = []
  using watching = other.watch(name => told.push(name))
  expect(watching).toBeDefined()
  await waitFor(
    async () => {
      await one.accept([aRequest()])
      return told.includes(pipeline)
    },
    { what: 'the other replica to be told' }
  )
})

it('wakes a caller who waits on another replica than the one that has the reply', async () => {
  const [one, other] = await openTwo()
  const claimed = await acceptClaimed(one, aRequest())
  const waiting = other.wait(pipeline, claimed.id, claimed.record.version, AbortSignal.timeout(15_000))
  await one.settle(claimed, replied)
  expect(await waiting).toMatchObject({ status: 'replied' })
})

it('gives each request to one of two replicas', async () => {
  const replicas = await openTwo()
  await replicas[0].accept(Array.from({ length: 200 }, () => aRequest()))
  const claims = await Promise.all(replicas.map(claimAll))
  const ids = claims.flat().map(({ id }) => id)
  expect(ids).toHaveLength(200)
  expect(new Set(ids)).toHaveLength(200)
})

it('goes on at the checkpoint of a replica that died, whose late writes are refused', async () => {
  const [dying, other] = await openTwo()
  const stale = await acceptClaimed(dying, aRequest(), shortLease)
  await dying.checkpoint(stale, aCheckpoint())
  const taken = await waitFor(async () => (await other.claim(pipeline, 1, longLease))[0], {
    what: 'the lease to run out'
  })
  expect(taken.record).toMatchObject({ id: stale.id, deliveries: 2, marks: rootMarks() })
  expect(await dying.settle(stale, replied)).toBe(false)
  expect(await dying.renew([stale], 60_000)).toEqual([stale])
  expect(await other.settle(taken, replied)).toBe(true)
})

it('keeps ledgers with other prefixes apart', async () => {
  const [one] = await openTwo()
  const [stranger] = await openTwo()
  const request = aRequest()
  await one.accept([request])
  expect(await stranger.read(pipeline, request.id)).toBeUndefined()
  expect(await stranger.claimable()).toEqual([])
})

async function openTwo(): Promise<[Ledger, Ledger]> {
  const prefix = `test-${randomUUID()}`
  return [held.use(await connectReplica(server.url, prefix)), held.use(await connectReplica(server.url, prefix))]
}

async function claimAll(ledger: Ledger): Promise<Claimed[]> {
  const claims: Claimed[] = []
  for (;;) {
    const some = await ledger.claim(pipeline, 3, longLease)
    if (some.length === 0) return claims
    claims.push(...some)
  }
}
