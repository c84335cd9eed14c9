import { describe, expect, it } from 'vitest'
import type { StepNow } from '../../../src/ledger/record/step-now.ts'
import type { Waiting } from '../../../src/ledger/record/waiting.ts'
import {
  acceptClaimed,
  aDeadLetter,
  aRequest,
  claimedOf,
  failed,
  longLease,
  readRecord,
  replied,
  shortLease
} from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'
const waiting: Waiting = {
  reason: 'breaker',
  since: 1_700_000_000_000,
  until: 1_700_000_010_000,
  lastError: { code: 'STEP_FAILED', detail: 'step "a" answered 500', step: 'a', attempts: 2, upstreamStatus: 500 }
}

/** Requests tell what they wait for; those that are named can be claimed. */
export function waitingSuite(open: OpenLedger): void {
  describe('what a request waits for', () => {
    it('is told by who gave it back, for the record, lists and who claims it again', async () => {
      await using under = await open()
      const { ledger } = under
      const claim = await acceptClaimed(ledger, aRequest())
      expect(claim.record.waiting).toBeUndefined()
      await ledger.release(claim, { delayMs: 0, spent: false, note: { waiting, steps: [] } })
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

  describe('the steps of a request that its run tells of', () => {
    const startedAt = 1_700_000_000_000
    const running: StepNow = { name: 'a', path: 'a', status: 'running', attempts: 1, startedAt, finishedAt: undefined }
    const aborted: StepNow = { ...running, status: 'aborted', finishedAt: startedAt + 5 }
    const told = (ledger: Ledger, request: { pipeline: string; id: string }) =>
      readRecord(ledger, request).then(record => record.told)

    it('are in the record and in lists, in place of those before, and are no change', async () => {
      await using under = await open()
      const { ledger } = under
      const claim = await acceptClaimed(ledger, aRequest())
      expect(await told(ledger, claim)).toBeUndefined()
      const { version } = await readRecord(ledger, claim)
      expect(await ledger.tell(claim, { waiting, steps: [aborted] })).toBe(true)
      expect(await ledger.tell(claim, { waiting, steps: [running] })).toBe(true)
      const record = await readRecord(ledger, claim)
      expect(record).toMatchObject({ version, told: { steps: [running], isFormer: false }, waiting })
      const [listed] = await ledger.list({ pipeline, status: 'running', after: undefined, limit: 10 })
      expect(listed?.told).toEqual(record.told)
    })

    it('are those of a former run once another one has the request', async () => {
      await using under = await open()
      const { ledger } = under
      const claim = await acceptClaimed(ledger, aRequest())
      await ledger.release(claim, { delayMs: 0, spent: true, note: { waiting: undefined, steps: [aborted] } })
      const put = await readRecord(ledger, claim)
      expect(put).toMatchObject({ status: 'accepted', waiting: undefined, told: { steps: [aborted], isFormer: false } })
      const [again] = await ledger.claim(pipeline, 1, longLease)
      expect(again?.record.told).toEqual({ steps: [aborted], isFormer: true })
      expect(await told(ledger, claim)).toEqual({ steps: [aborted], isFormer: true })
      expect(await ledger.tell(claim, { waiting: undefined, steps: [running] })).toBe(false)
      expect(await ledger.tell(claimedAgain(again), { waiting: undefined, steps: [running] })).toBe(true)
      expect(await told(ledger, claim)).toEqual({ steps: [running], isFormer: false })
    })

    it('are told of one that was cancelled, by the run that had it', async () => {
      await using under = await open()
      const { ledger } = under
      const [former, claim] = [aRequest(), aRequest()]
      await ledger.accept([former, claim])
      const [first, second] = await ledger.claim(pipeline, 2, longLease)
      await ledger.tell(claimedAgain(first), { waiting: undefined, steps: [running] })
      for (const one of [first, second]) expect(await ledger.cancel(pipeline, claimedAgain(one).id)).toBe('cancelled')
      expect(await told(ledger, former)).toEqual({ steps: [running], isFormer: false })
      const before = await readRecord(ledger, claim)
      expect(await ledger.tell(claimedAgain(second), { waiting: undefined, steps: [aborted] })).toBe(true)
      const stale = { ...claimedAgain(second), token: claimedAgain(second).token - 1 }
      expect(await ledger.tell(stale, { waiting: undefined, steps: [] })).toBe(false)
      const after = await readRecord(ledger, claim)
      expect(after).toMatchObject({ status: 'cancelled', told: { steps: [aborted] }, version: before.version })
    })

    it('go when it comes to another end, whose settlement has all of them', async () => {
      await using under = await open()
      const { ledger } = under
      for (const settlement of [replied, failed]) {
        const claim = await acceptClaimed(ledger, aRequest())
        await ledger.tell(claim, { waiting, steps: [running] })
        expect(await ledger.settle(claim, settlement)).toBe(true)
        expect(await readRecord(ledger, claim)).toMatchObject({ told: undefined, waiting: undefined })
        expect(await ledger.tell(claim, { waiting, steps: [running] })).toBe(false)
      }
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
      expect(
        await ledger.release(claimedAgain(taken), { delayMs: 0, spent: false, note: { waiting, steps: [] } })
      ).toBe(true)
      expect(await readRecord(ledger, request)).toMatchObject({ status: 'accepted', deliveries: 1 })
    })
  })
}

function claimedAgain<T>(claimed: T | undefined): T {
  if (claimed === undefined) throw new Error('nothing was claimed')
  return claimed
}
