import type { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { acceptClaimed, aRequest, longLease, replied } from '../helpers/ledger-requests.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { openOnOwnRedis, type OwnRedisLedger } from './redis-ledgers.ts'

const pipeline = 'default/comments'
const base = 'test:{default%2Fcomments}'

let own: OwnRedisLedger
let ledger: Ledger
let client: Redis

beforeEach(async () => {
  own = await openOnOwnRedis()
  ;({ ledger, client } = own)
})
afterEach(() => own[Symbol.asyncDispose]())

/** Times that were written before are moved two hours later, as when the clock of Redis is set back by them. */
async function setBack(set: string): Promise<void> {
  const members = await client.zrange(`${base}:${set}`, 0, '-1')
  expect(members).not.toEqual([])
  for (const member of members) await client.zincrby(`${base}:${set}`, 2 * 60 * 60 * 1000, member)
}

it('gives again at once what was put back before the clock of Redis was set back', async () => {
  const claim = await acceptClaimed(ledger, aRequest())
  await ledger.release(claim, { delayMs: 3000, spent: false })
  expect(await ledger.claimable()).toEqual([])
  await setBack('delayed')
  expect(await ledger.claimable()).toEqual([pipeline])
  expect(await ledger.claim(pipeline, 1, longLease)).toMatchObject([{ id: claim.id, takenOver: false }])
})

it('keeps waiting for what was put back for longer than it looks ahead', async () => {
  const claim = await acceptClaimed(ledger, aRequest())
  await ledger.release(claim, { delayMs: 24 * 60 * 60 * 1000, spent: false })
  expect(await ledger.claimable()).toEqual([])
  expect(await ledger.claim(pipeline, 1, longLease)).toEqual([])
})

it('takes over what the dead had claimed before the clock was set back, soon', async () => {
  const claim = await acceptClaimed(ledger, aRequest())
  await setBack('claims')
  expect(await ledger.claimable()).toEqual([pipeline])
  const taken = await waitFor(async () => (await ledger.claim(pipeline, 1, longLease))[0], { what: 'the take-over' })
  expect(taken).toMatchObject({ id: claim.id, takenOver: true })
})

it('leaves those who live what they had claimed before the clock was set back', async () => {
  const claim = await acceptClaimed(ledger, aRequest())
  await setBack('claims')
  expect(await ledger.claim(pipeline, 1, longLease)).toEqual([])
  expect(await ledger.renew([claim], longLease.leaseMs)).toEqual([])
  expect(await ledger.claimable()).toEqual([])
  expect(await ledger.settle(claim, replied)).toBe(true)
})

it('keeps the order of a key when the clock was set back between its requests', async () => {
  const first = await acceptClaimed(ledger, aRequest({ orderKey: 'one' }))
  const [order = ''] = await client.keys(`${base}:order:*`)
  await setBack(order.slice(base.length + 1))
  const later = aRequest({ orderKey: 'one' })
  expect(await ledger.accept([later], longLease)).toMatchObject([{ claimed: undefined }])
  expect(await ledger.claim(pipeline, 10, longLease)).toEqual([])
  await ledger.settle(first, replied)
  expect(await ledger.claim(pipeline, 10, longLease)).toMatchObject([{ id: later.id }])
})
