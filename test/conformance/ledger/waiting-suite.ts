import { describe, expect, it } from 'vitest'
import type { Waiting } from '../../../src/ledger/record/waiting.ts'
import {
  acceptClaimed,
  aDeadLetter,
  aRequest,
  claimedOf,
  failed,
  longLease,
  readRecord,
  shortLease
} from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'
const waiting: Waiting = {
  reason: 'breaker',
  since: 1_700_000_000_000,
  until: 1_700_000_010_000,
  lastError: { code: 'STEP_FAILED', detail: 'step "a" answered 500', step: 'a', attempts: 2, upstreamStatus: 500 }
}

/** What a request waits for, and claims of those that are named. */
export function waitingSuite(open: OpenLedger): void {
  describe('what a request waits for', () => {
    it('is told by who gave it back, for the record, lists and who claims it again', async () => {
      await using under = await open()
      const { ledger } = under
      const claim = await acceptClaimed(ledger, aRequest())
      expect(claim.record.waiting).toBeUndefined()
      await ledger.release(claim, { delayMs: 0, spent: false, waiting })
      expect((await readRecord(ledger, claim)).waiting).toEqual(waiting)
      const [listed] = await ledger.list({ pipeline, status: 'accepted', after: undefined, limit: 10 })
      expect(listed?.waiting).toEqual(waiting)
      const [again] = await ledger.claim(pipeline, 1, longLease)
      expect(again?.record.waiting).toEqual(waiting)
      await ledger.release(claimedAgain(again), { delayMs: 0, spent: false })
      expect((await readRecord(ledger, claim)).waiting).toBeUndefined()
    })

    it('is the order, for one behind another with its key', async () => {
      await using under = await open()
      const [first, second] = [aRequest({ orderKey: 'a' }), aRequest({ orderKey: 'a' })]
      await under.ledger.accept([first], longLease)
      const [accepted] = await under.ledger.accept([second], longLease)
      expect(accepted).toMatchObject({ kind: 'accepted', claimed: undefined })
      expect(await readRecord(under.ledger, second)).toMatchObject({ waiting: { reason: 'order' } })
      const [listed] = await under.ledger.list({ pipeline, status: 'accepted', after: undefined, limit: 10 })
      expect(listed).toMatchObject({ id: second.id, waiting: { reason: 'order' } })
    })

    it('does not keep the deadline from being known', async () => {
      await using under = await open()
      const request = aRequest({ deadline: 1_700_000_000_000 })
      await under.ledger.accept([request, aRequest()])
      expect(await readRecord(under.ledger, request)).toMatchObject({ deadline: 1_700_000_000_000 })
      const listed = await under.ledger.list({ pipeline, status: undefined, after: undefined, limit: 10 })
      expect(listed.map(({ deadline }) => deadline)).toEqual([undefined, 1_700_000_000_000])
    })
  })

  describe('a claim of requests by their ids', () => {
    it('gives those that nobody runs, whatever they wait for', async () => {
      await using under = await open()
      const { ledger } = under
      const [ready, delayed, blocking, blocked, running] = [
        aRequest(),
        aRequest(),
        aRequest({ orderKey: 'a' }),
        aRequest({ orderKey: 'a' }),
        aRequest()
      ]
      await ledger.release(await acceptClaimed(ledger, delayed), { delayMs: 60_000, spent: false })
      await ledger.accept([ready])
      await ledger.accept([blocking, blocked])
      await acceptClaimed(ledger, running)
      const dead = await aDeadLetter(ledger)
      const ids = [ready, delayed, blocked, running].map(({ id }) => id)
      const claims = await ledger.claimThese(pipeline, [...ids, dead, 'unknown'], longLease)
      expect(claims.map(({ id }) => id)).toEqual([ready.id, delayed.id, blocked.id])
      expect(await ledger.pending(pipeline)).toMatchObject({ queued: 1, claimed: 4 })
      expect(await ledger.claimThese(pipeline, ids, longLease)).toEqual([])
      for (const claim of claims) expect(await ledger.settle(claim, failed)).toBe(true)
    })

    it('takes over those whose owner is gone', async () => {
      await using under = await open()
      const { ledger } = under
      const request = aRequest()
      const [accepted] = await ledger.accept([request], shortLease)
      const former = claimedOf(accepted)
      const [taken] = await waitFor(
        async () => {
          const claims = await ledger.claimThese(pipeline, [request.id], longLease)
          return claims.length > 0 && claims
        },
        { what: 'the lease to run out' }
      )
      expect(taken).toMatchObject({ id: request.id, record: { deliveries: 2 } })
      expect(await ledger.settle(former, failed)).toBe(false)
      expect(await ledger.release(claimedAgain(taken), { delayMs: 0, spent: false, waiting })).toBe(true)
      expect(await readRecord(ledger, request)).toMatchObject({ status: 'accepted', deliveries: 1 })
    })
  })
}

function claimedAgain<T>(claimed: T | undefined): T {
  if (claimed === undefined) throw new Error('nothing was claimed')
  return claimed
}
