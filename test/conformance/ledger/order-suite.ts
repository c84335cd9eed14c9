import { describe, expect, it } from 'vitest'
import {
  acceptClaimed,
  aRequest,
  claimedOf,
  failed,
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

/** Requests with one order key run one after the other, in the order of their acceptance. */
export function orderSuite(open: OpenLedger): void {
  describe('order key', () => {
    it('holds a request until the one before it is settled, whatever the outcome', async () => {
      await using under = await open()
      const requests = ordered(3)
      await under.ledger.accept(requests)
      const first = await claimOne(under.ledger)
      expect(first.id).toBe(requests[0]?.id)
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])
      await under.ledger.settle(first, replied)
      const second = await claimOne(under.ledger)
      expect(second.id).toBe(requests[1]?.id)
      await under.ledger.settle(second, failed)
      expect((await claimOne(under.ledger)).id).toBe(requests[2]?.id)
    })

    it('does not hold requests with another key, without a key, or of another pipeline', async () => {
      await using under = await open()
      await acceptClaimed(under.ledger, aRequest({ orderKey: 'customer-1' }))
      await acceptClaimed(under.ledger, aRequest({ orderKey: 'customer-2' }))
      await acceptClaimed(under.ledger, aRequest())
      await acceptClaimed(under.ledger, aRequest({ pipeline: 'default/other', orderKey: 'customer-1' }))
    })

    it('puts the order of acceptance above the priority', async () => {
      await using under = await open()
      const low = aRequest({ orderKey: 'customer-1', priority: 0 })
      await under.ledger.accept([low])
      await under.ledger.accept([aRequest({ orderKey: 'customer-1', priority: 9 })])
      expect((await under.ledger.claim(pipeline, 10, longLease)).map(({ id }) => id)).toEqual([low.id])
    })

    it('accepts without a claim what has to wait', async () => {
      await using under = await open()
      const [first, second] = await under.ledger.accept(ordered(2), longLease)
      expect(second).toMatchObject({ kind: 'accepted', claimed: undefined })
      await under.ledger.settle(claimedOf(first), replied)
      expect((await claimOne(under.ledger)).id).toBe(second?.id)
    })

    it('counts the held ones as waiting', async () => {
      await using under = await open()
      await under.ledger.accept(ordered(3), longLease)
      expect(await under.ledger.pending(pipeline)).toMatchObject({ queued: 2, claimed: 1 })
    })

    it('goes on holding while the one before it is given back or its owner is dead', async () => {
      await using under = await open()
      const [first] = await under.ledger.accept(ordered(2), longLease)
      await under.ledger.release(claimedOf(first), { delayMs: 3_600_000, spent: true })
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])

      const [dying] = await under.ledger.accept(ordered(2, 'customer-2'), shortLease)
      const taken = await waitFor(async () => (await under.ledger.claim(pipeline, 10, longLease))[0], {
        what: 'the lease to run out'
      })
      expect(taken.id).toBe(dying?.id)
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])
    })

    it('lets the next one go when the first is cancelled', async () => {
      await using under = await open()
      const requests = ordered(3)
      const [first, second, third] = requests.map(({ id }) => id)
      await under.ledger.accept(requests)
      await under.ledger.cancel(pipeline, second ?? '')
      expect((await claimOne(under.ledger)).id).toBe(first)
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])
      await under.ledger.cancel(pipeline, first ?? '')
      expect((await claimOne(under.ledger)).id).toBe(third)
    })

    it('does not hold a key whose requests are all settled', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest({ orderKey: 'customer-1' }))
      await under.ledger.settle(claimed, replied)
      const next = await acceptClaimed(under.ledger, aRequest({ orderKey: 'customer-1' }))
      expect(await readRecord(under.ledger, next)).toMatchObject({ status: 'running' })
    })
  })
}

const ordered = (count: number, orderKey = 'customer-1') => Array.from({ length: count }, () => aRequest({ orderKey }))

async function claimOne(ledger: Ledger): Promise<Claimed> {
  const [claimed] = await ledger.claim(pipeline, 1, longLease)
  if (claimed === undefined) throw new Error('nothing could be claimed')
  return claimed
}
