import { describe, expect, it } from 'vitest'
import {
  acceptClaimed,
  aCheckpoint,
  rootMarks,
  aRequest,
  longLease,
  readRecord,
  replied,
  shortLease
} from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { Claimed } from '../../../src/ledger/work.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'

/** Leases: who runs a request, for how long, and in which order requests are taken. */
export function claimSuite(open: OpenLedger): void {
  describe('claim', () => {
    it('gives the oldest first, as many as asked for', async () => {
      await using under = await open()
      const requests = await acceptOneByOne(under.ledger, [5, 5, 5])
      expect(ids(await under.ledger.claim(pipeline, 2, longLease))).toEqual(requests.slice(0, 2))
      expect(ids(await under.ledger.claim(pipeline, 2, longLease))).toEqual(requests.slice(2))
      expect(await under.ledger.claim(pipeline, 2, longLease)).toEqual([])
    })

    it('gives the higher priority first', async () => {
      await using under = await open()
      const [low, middle, high] = await acceptOneByOne(under.ledger, [0, 5, 9])
      expect(ids(await under.ledger.claim(pipeline, 3, longLease))).toEqual([high, middle, low])
    })

    it('gives nothing of another pipeline', async () => {
      await using under = await open()
      await under.ledger.accept([aRequest({ pipeline: 'default/other' })])
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])
      expect(await under.ledger.claim('default/unknown', 10, longLease)).toEqual([])
    })

    it('gives the whole record, running, with its delivery counted', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      const accepted = await readRecord(under.ledger, request)
      const [claimed] = await under.ledger.claim(pipeline, 1, longLease)
      expect(claimed?.record).toMatchObject({ event: request.event, status: 'running', deliveries: 1 })
      expect(claimed?.record.version).toBeGreaterThan(accepted.version)
      expect(await readRecord(under.ledger, request)).toEqual(claimed?.record)
    })

    it('gives each request to one of many that ask at once', async () => {
      await using under = await open()
      await under.ledger.accept(Array.from({ length: 20 }, () => aRequest()))
      const claims = await Promise.all(Array.from({ length: 30 }, () => under.ledger.claim(pipeline, 1, longLease)))
      expect(new Set(ids(claims.flat()))).toHaveLength(20)
      expect(claims.flat()).toHaveLength(20)
    })

    it('lets another take over when the lease ran out, at the last checkpoint', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest(), shortLease)
      await under.ledger.checkpoint(claimed, aCheckpoint())
      const [taken] = await waitFor(() => claimSome(under.ledger), { what: 'the lease to run out' })
      expect(taken?.id).toBe(claimed.id)
      expect(taken?.token).toBeGreaterThan(claimed.token)
      expect(taken?.record).toMatchObject({ deliveries: 2, marks: rootMarks(), status: 'running' })
      expect(taken?.record.steps).toEqual([...rootMarks().values()][0]?.steps)
    })

    it('tells a request that was taken over from one that was given back', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest(), shortLease)
      const [taken] = await waitFor(() => claimSome(under.ledger), { what: 'the lease to run out' })
      await under.ledger.release(claimOf(taken), { delayMs: 0, spent: true })
      const [again] = await under.ledger.claim(pipeline, 1, longLease)
      expect([claimed.takenOver, taken?.takenOver, again?.takenOver]).toEqual([false, true, false])
    })

    it('refuses every write of an owner that was replaced', async () => {
      await using under = await open()
      const stale = await acceptClaimed(under.ledger, aRequest(), shortLease)
      const [current] = await waitFor(() => claimSome(under.ledger), { what: 'the lease to run out' })
      expect(await under.ledger.checkpoint(stale, aCheckpoint())).toBe(false)
      expect(await under.ledger.settle(stale, replied)).toBe(false)
      expect(await under.ledger.release(stale, { delayMs: 0, spent: true })).toBe(false)
      expect(ids(await under.ledger.renew([stale], 60_000))).toEqual([stale.id])
      expect(await readRecord(under.ledger, stale)).toEqual(current?.record)
    })

    it('keeps a claim that is renewed', async () => {
      await using under = await open()
      const renewed = await acceptClaimed(under.ledger, aRequest(), { owner: 'replica-1', leaseMs: 500 })
      expect(await under.ledger.renew([renewed], 60_000)).toEqual([])
      // The other one runs out after the first would have.
      const other = await acceptClaimed(under.ledger, aRequest(), { owner: 'replica-1', leaseMs: 500 })
      const taken = await waitFor(() => claimSome(under.ledger), { what: 'the other lease to run out' })
      expect(ids(taken)).toEqual([other.id])
      expect(await under.ledger.settle(renewed, replied)).toBe(true)
    })

    it('names the claims that are lost when it renews', async () => {
      await using under = await open()
      const kept = await acceptClaimed(under.ledger, aRequest())
      const settled = await acceptClaimed(under.ledger, aRequest())
      const cancelled = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(settled, replied)
      await under.ledger.cancel(pipeline, cancelled.id)
      expect(ids(await under.ledger.renew([settled, kept, cancelled], 60_000))).toEqual([settled.id, cancelled.id])
    })

    it('gives a released request again, in its old place, with the delivery counted', async () => {
      await using under = await open()
      const [first, second] = await acceptOneByOne(under.ledger, [5, 5])
      const [claimed] = await under.ledger.claim(pipeline, 1, longLease)
      expect(await under.ledger.release(claimOf(claimed), { delayMs: 0, spent: true })).toBe(true)
      expect(await readRecord(under.ledger, claimOf(claimed))).toMatchObject({ status: 'accepted', deliveries: 1 })
      const again = await under.ledger.claim(pipeline, 2, longLease)
      expect(ids(again)).toEqual([first, second])
      expect(again[0]?.record.deliveries).toBe(2)
    })

    it('takes the delivery back when a release says so', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.release(claimed, { delayMs: 0, spent: false })
      expect(await readRecord(under.ledger, claimed)).toMatchObject({ deliveries: 0 })
      const [again] = await under.ledger.claim(pipeline, 1, longLease)
      expect(again?.record.deliveries).toBe(1)
      expect(again?.token).toBeGreaterThan(claimed.token)
    })

    it('refuses the writes of an owner that gave its claim back', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.release(claimed, { delayMs: 0, spent: true })
      expect(await under.ledger.settle(claimed, replied)).toBe(false)
      expect(await under.ledger.release(claimed, { delayMs: 0, spent: true })).toBe(false)
      expect(await under.ledger.checkpoint(claimed, aCheckpoint())).toBe(false)
    })

    it('holds a delayed request until it is due', async () => {
      await using under = await open()
      const later = await acceptClaimed(under.ledger, aRequest())
      const soon = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.release(later, { delayMs: 3_600_000, spent: true })
      // Regression: what is left of a breaker's time is no whole number, and SQLite refused it.
      await under.ledger.release(soon, { delayMs: 49.7, spent: true })
      expect(await under.ledger.pending(pipeline)).toMatchObject({ queued: 2, claimed: 0 })
      expect(ids(await waitFor(() => claimSome(under.ledger), { what: 'the shorter delay to end' }))).toEqual([soon.id])
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])
    })

    it('counts every delivery of a request whose owners die', async () => {
      await using under = await open()
      const request = aRequest()
      await acceptClaimed(under.ledger, request, shortLease)
      for (const deliveries of [2, 3]) {
        const [taken] = await waitFor(() => claimSome(under.ledger, shortLease.leaseMs), {
          what: 'the lease to run out'
        })
        expect(taken?.record.deliveries).toBe(deliveries)
      }
    })
  })
}

const ids = (claims: readonly { readonly id: string }[]): string[] => claims.map(({ id }) => id)

/** Each in a write of its own, at least a millisecond after the one before, so that their order is known. */
async function acceptOneByOne(ledger: Ledger, priorities: readonly number[]): Promise<string[]> {
  const accepted: string[] = []
  for (const priority of priorities) {
    const request = aRequest({ priority })
    await ledger.accept([request])
    const { acceptedAt } = await readRecord(ledger, request)
    await waitFor(() => Date.now() > acceptedAt + 1, { what: 'the next millisecond' })
    accepted.push(request.id)
  }
  return accepted
}

async function claimSome(ledger: Ledger, leaseMs = 60_000): Promise<readonly Claimed[] | undefined> {
  const claims = await ledger.claim(pipeline, 10, { owner: 'replica-2', leaseMs })
  return claims.length > 0 ? claims : undefined
}

function claimOf(claimed: Claimed | undefined): Claimed {
  if (claimed === undefined) throw new Error('expected a claim')
  return claimed
}
