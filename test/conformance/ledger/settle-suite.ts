import { describe, expect, it } from 'vitest'
import type { Mark } from '../../../src/ledger/record/mark.ts'
import {
  acceptClaimed,
  aFailure,
  aCheckpoint,
  aMark,
  rootMarks,
  rootPlaces,
  aRequest,
  aVisit,
  cancelled,
  failed,
  filtered,
  longLease,
  readRecord,
  replied,
  shortLease
} from '../../helpers/ledger-requests.ts'
import { anEvent } from '../../helpers/events.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'

/** The way to the one outcome, and cancelling. */
export function settleSuite(open: OpenLedger): void {
  describe('settle', () => {
    it('keeps a checkpoint as the state from which the request resumes', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      const replies = new Map([['filter', anEvent({ id: 'event-1.filter', data: Uint8Array.of(0, 1) })]])
      const second = aMark({ next: 'reply', index: 2, steps: [aVisit('filter'), aVisit('sentiment')], replies })
      expect(await under.ledger.checkpoint(claimed, aCheckpoint())).toBe(true)
      expect(await under.ledger.checkpoint(claimed, aCheckpoint(second))).toBe(true)
      const record = await readRecord(under.ledger, claimed)
      expect(record).toMatchObject({ status: 'running', steps: second.steps })
      expect(record.marks).toEqual(rootMarks(second))
      expect(record.version).toBeGreaterThan(claimed.record.version)
    })

    it('keeps the mark of each sequence, and takes away those below one that went on', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      const marks: readonly (readonly [string, Mark])[] = [
        ['', aMark({ next: 'fan' })],
        ['fan/left', aMark({ next: 'score', steps: [] })],
        ['fan/left/deep/one', aMark({ next: 'a', steps: [] })],
        ['fan/left-wing', aMark({ next: 'b', steps: [] })]
      ]
      for (const [path, mark] of marks) await under.ledger.checkpoint(claimed, { path, mark, clears: false })
      expect((await readRecord(under.ledger, claimed)).marks).toEqual(new Map(marks))
      const further = aMark({ next: 'rank', steps: [] })
      await under.ledger.checkpoint(claimed, { path: 'fan/left', mark: further, clears: true })
      const left = new Map(marks.filter(([path]) => path !== 'fan/left/deep/one')).set('fan/left', further)
      expect((await readRecord(under.ledger, claimed)).marks).toEqual(left)
      const behind = aMark({ next: 'end' })
      await under.ledger.checkpoint(claimed, { path: '', mark: behind, clears: true })
      expect((await readRecord(under.ledger, claimed)).marks).toEqual(rootMarks(behind))
    })

    it('gives the marks of every sequence to whoever claims the request again, and none of a request that ended', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      const inner = aMark({ next: 'score' })
      await under.ledger.checkpoint(claimed, { path: 'fan/left', mark: inner, clears: false })
      await under.ledger.release(claimed, { delayMs: 0, spent: true })
      const [again] = await under.ledger.claim(claimed.pipeline, 1, longLease)
      expect(again?.record.marks).toEqual(new Map([['fan/left', inner]]))
      expect(await under.ledger.settle({ ...claimed, token: again?.token ?? 0 }, replied)).toBe(true)
      expect((await readRecord(under.ledger, claimed)).marks.size).toBe(0)
    })

    it('keeps the reply', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      expect(await under.ledger.settle(claimed, replied)).toBe(true)
      const record = await readRecord(under.ledger, claimed)
      expect(record).toMatchObject({ status: 'replied', steps: replied.steps })
      expect(record.reply).toEqual(replied.status === 'replied' && replied.reply)
      expect(record.finishedAt).toBeGreaterThanOrEqual(record.acceptedAt)
      expect(record.version).toBeGreaterThan(claimed.record.version)
    })

    it('keeps which step filtered a request', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(claimed, filtered)
      expect(await readRecord(under.ledger, claimed)).toMatchObject({ status: 'filtered', filteredBy: 'filter' })
    })

    it('keeps why a request failed', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      const places = new Map([
        ...rootPlaces({ next: '@reply', replies: new Map([['a', anEvent()]]) }),
        ...Array.from(rootPlaces({ next: 'score' }).values(), place => ['fan/left', place] as const)
      ])
      const failure = aFailure({ step: undefined, path: undefined, upstreamStatus: undefined, places })
      await under.ledger.settle(claimed, { status: 'failed', failure, steps: [] })
      const record = await readRecord(under.ledger, claimed)
      expect(record).toMatchObject({ status: 'failed', steps: [] })
      expect(record.failure).toEqual(failure)
    })

    it('does not count the claim that found a request to be over as a delivery', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(claimed, { status: 'failed', failure: aFailure({ deliveries: 0 }), steps: [] })
      expect(claimed.record.deliveries).toBe(1)
      expect(await readRecord(under.ledger, claimed)).toMatchObject({ status: 'failed', deliveries: 0 })
      expect((await under.ledger.deadLetters.read(claimed.id))?.record.deliveries).toBe(0)
    })

    it('keeps that the owner cancelled', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(claimed, cancelled)
      expect(await readRecord(under.ledger, claimed)).toMatchObject({ status: 'cancelled', steps: cancelled.steps })
    })

    it('settles once', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      const answers = await Promise.all([replied, failed, filtered].map(each => under.ledger.settle(claimed, each)))
      expect(answers).toEqual([true, false, false])
      const record = await readRecord(under.ledger, claimed)
      expect(record.status).toBe('replied')
      expect(await under.ledger.checkpoint(claimed, aCheckpoint())).toBe(false)
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])
      expect(await readRecord(under.ledger, claimed)).toEqual(record)
    })

    it('lets an owner settle whose lease ran out while nobody took over', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest(), shortLease)
      await waitFor(async () => (await under.ledger.claimable()).includes(pipeline), { what: 'the lease to run out' })
      expect(await under.ledger.settle(claimed, replied)).toBe(true)
    })

    it('takes nothing for a request that does not exist', async () => {
      await using under = await open()
      const claim = { pipeline, id: 'no-such-request', token: 1 }
      expect(await under.ledger.settle(claim, replied)).toBe(false)
      expect(await under.ledger.checkpoint(claim, aCheckpoint())).toBe(false)
      expect(await under.ledger.release(claim, { delayMs: 0, spent: true })).toBe(false)
      expect(await under.ledger.renew([claim], 1000)).toEqual([claim])
    })

    it('forgets a finished request after its time to live, but not that it was there', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest({ ttlMs: 50 }))
      await under.ledger.settle(claimed, replied)
      const expired = async (): Promise<boolean> => (await under.ledger.read(pipeline, claimed.id)) === 'expired'
      await waitFor(expired, { what: 'the time to live to end' })
      expect(await under.ledger.list({ pipeline, status: undefined, after: undefined, limit: 10 })).toEqual([])
    })

    it('does not count the time to live before the request is finished', async () => {
      await using under = await open()
      const short = await acceptClaimed(under.ledger, aRequest({ ttlMs: 50 }))
      const running = await acceptClaimed(under.ledger, aRequest({ ttlMs: 50 }))
      await under.ledger.settle(short, replied)
      const expired = async (): Promise<boolean> => (await under.ledger.read(pipeline, short.id)) === 'expired'
      await waitFor(expired, { what: 'the finished one to expire' })
      expect(await readRecord(under.ledger, running)).toMatchObject({ status: 'running' })
      expect(await under.ledger.settle(running, replied)).toBe(true)
    })

    it('accepts a deduplication key anew when its request has expired', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest({ ttlMs: 50, deduplicationKeys: ['key-1'] }))
      await under.ledger.settle(claimed, replied)
      const expired = async (): Promise<boolean> => (await under.ledger.read(pipeline, claimed.id)) === 'expired'
      await waitFor(expired, { what: 'the time to live to end' })
      const anew = aRequest({ deduplicationKeys: ['key-1'], fingerprint: 'fingerprint-2' })
      expect(await under.ledger.accept([anew])).toMatchObject([{ kind: 'accepted', id: anew.id }])
    })
  })

  describe('cancel', () => {
    it('ends a request that waits', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      expect(await under.ledger.cancel(pipeline, request.id)).toBe('cancelled')
      const record = await readRecord(under.ledger, request)
      expect(record.status).toBe('cancelled')
      expect(record.finishedAt).toBeGreaterThanOrEqual(record.acceptedAt)
      expect(await under.ledger.claim(pipeline, 10, longLease)).toEqual([])
      expect(await under.ledger.pending(pipeline)).toMatchObject({ queued: 0, claimed: 0 })
    })

    it('takes a running request from its owner, and keeps the way so far', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.checkpoint(claimed, aCheckpoint())
      expect(await under.ledger.cancel(pipeline, claimed.id)).toBe('cancelled')
      expect(await under.ledger.settle(claimed, replied)).toBe(false)
      expect(await readRecord(under.ledger, claimed)).toMatchObject({ status: 'cancelled', steps: aMark().steps })
      expect(await under.ledger.pending(pipeline)).toMatchObject({ queued: 0, claimed: 0 })
    })

    it('leaves a settled request as it is', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(claimed, replied)
      expect(await under.ledger.cancel(pipeline, claimed.id)).toBe('settled')
      expect(await readRecord(under.ledger, claimed)).toMatchObject({ status: 'replied' })
    })

    it('answers settled the second time', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      await under.ledger.cancel(pipeline, request.id)
      expect(await under.ledger.cancel(pipeline, request.id)).toBe('settled')
    })

    it('knows no request of another pipeline', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      expect(await under.ledger.cancel('default/other', request.id)).toBe('unknown')
      expect(await under.ledger.cancel(pipeline, 'no-such-request')).toBe('unknown')
      expect(await readRecord(under.ledger, request)).toMatchObject({ status: 'accepted' })
    })
  })
}
