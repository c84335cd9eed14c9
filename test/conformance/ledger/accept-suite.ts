import { describe, expect, it } from 'vitest'
import { anEvent } from '../../helpers/events.ts'
import {
  acceptClaimed,
  aMark,
  rootMarks,
  aRequest,
  claimedOf,
  longLease,
  readRecord,
  replied
} from '../../helpers/ledger-requests.ts'
import type { OpenLedger } from './ledger-under-test.ts'

/** Acceptance: all or nothing, once for each deduplication key, within the limit of the queue. */
export function acceptSuite(open: OpenLedger): void {
  describe('accept', () => {
    it('keeps everything that it was given', async () => {
      await using under = await open()
      const event = anEvent({
        extensions: { flag: true, count: -7, note: 'naïve ✓' },
        datacontenttype: 'application/octet-stream',
        data: Uint8Array.of(0, 255, 13, 10, 128)
      })
      const request = aRequest({
        event,
        generation: 7,
        headers: ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'x-request-id', ''],
        priority: 9,
        orderKey: 'customer-1',
        eventTime: 1_600_000_000_000,
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736'
      })
      const before = Date.now()
      expect(await under.ledger.accept([request])).toEqual([{ kind: 'accepted', id: request.id, claimed: undefined }])
      const record = await readRecord(under.ledger, request)
      expect(record).toMatchObject({
        id: request.id,
        pipeline: request.pipeline,
        generation: 7,
        status: 'accepted',
        headers: request.headers,
        priority: 9,
        orderKey: 'customer-1',
        eventTime: 1_600_000_000_000,
        deliveries: 0,
        finishedAt: undefined,
        marks: new Map(),
        steps: [],
        reply: undefined,
        filteredBy: undefined,
        failure: undefined,
        replayOf: undefined,
        traceId: request.traceId
      })
      expect(record.event.attributes).toEqual(event.attributes)
      expect([...(record.event.data ?? [])]).toEqual([0, 255, 13, 10, 128])
      expect(record.version).toBeGreaterThanOrEqual(1)
      expect(Math.abs(record.acceptedAt - before)).toBeLessThan(60_000)
    })

    it('takes the acceptance for the event time when there is none', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      const record = await readRecord(under.ledger, request)
      expect(record.eventTime).toBe(record.acceptedAt)
    })

    it('keeps an event without data apart from one with empty data', async () => {
      await using under = await open()
      const without = aRequest({ event: anEvent({ data: undefined }) })
      const empty = aRequest({ event: anEvent({ data: new Uint8Array() }) })
      await under.ledger.accept([without, empty])
      expect((await readRecord(under.ledger, without)).event.data).toBeUndefined()
      expect((await readRecord(under.ledger, empty)).event.data).toHaveLength(0)
    })

    it('keeps a megabyte to the octet', async () => {
      await using under = await open()
      const data = Uint8Array.from({ length: 1_048_576 }, (_, i) => (i * 31) % 256)
      const request = aRequest({ event: anEvent({ data }) })
      await under.ledger.accept([request])
      const kept = (await readRecord(under.ledger, request)).event.data ?? new Uint8Array()
      expect(Buffer.compare(kept, data)).toBe(0)
    })

    it('starts a request where its marks say', async () => {
      await using under = await open()
      const marks = new Map([...rootMarks(), ['fan/left', aMark({ next: 'score' })]])
      const claimed = await acceptClaimed(under.ledger, aRequest({ marks }))
      expect(claimed.record.marks).toEqual(marks)
      expect((await readRecord(under.ledger, claimed)).marks).toEqual(marks)
    })

    it('claims what it accepts in the same write', async () => {
      await using under = await open()
      const request = aRequest()
      const claimed = await acceptClaimed(under.ledger, request)
      expect(claimed).toMatchObject({ id: request.id, pipeline: request.pipeline })
      expect(claimed.record).toMatchObject({ status: 'running', deliveries: 1 })
      expect(await under.ledger.claim(request.pipeline, 10, longLease)).toEqual([])
      expect(claimed.record).toEqual(await readRecord(under.ledger, request))
    })

    it('answers the known request when a deduplication key comes again', async () => {
      await using under = await open()
      const first = aRequest({ deduplicationKeys: ['key-1', 'key-2'] })
      const again = aRequest({ deduplicationKeys: ['key-3', 'key-2'] })
      const other = aRequest({ deduplicationKeys: ['key-1'], fingerprint: 'fingerprint-2' })
      await under.ledger.accept([first])
      expect(await under.ledger.accept([again])).toEqual([{ kind: 'known', id: first.id, sameFingerprint: true }])
      expect(await under.ledger.accept([other])).toEqual([{ kind: 'known', id: first.id, sameFingerprint: false }])
      expect(await under.ledger.read(again.pipeline, again.id)).toBeUndefined()
      expect(await under.ledger.pending(first.pipeline)).toMatchObject({ queued: 1 })
    })

    it('knows a deduplication key within its own pipeline only', async () => {
      await using under = await open()
      await under.ledger.accept([aRequest({ deduplicationKeys: ['key-1'] })])
      const elsewhere = aRequest({ pipeline: 'default/other', deduplicationKeys: ['key-1'] })
      expect(await under.ledger.accept([elsewhere])).toMatchObject([{ kind: 'accepted', id: elsewhere.id }])
    })

    it('knows a key still when its request is settled', async () => {
      await using under = await open()
      const request = aRequest({ deduplicationKeys: ['key-1'] })
      await under.ledger.settle(await acceptClaimed(under.ledger, request), replied)
      expect(await under.ledger.accept([aRequest({ deduplicationKeys: ['key-1'] })], longLease)).toEqual([
        { kind: 'known', id: request.id, sameFingerprint: true }
      ])
    })

    it('accepts a key once when it comes twice in one batch', async () => {
      await using under = await open()
      const first = aRequest({ deduplicationKeys: ['key-1'] })
      const second = aRequest({ deduplicationKeys: ['key-1'] })
      expect(await under.ledger.accept([first, second])).toEqual([
        { kind: 'accepted', id: first.id, claimed: undefined },
        { kind: 'known', id: first.id, sameFingerprint: true }
      ])
    })

    it('accepts none of a batch in which a key has another fingerprint than the known request', async () => {
      await using under = await open()
      const known = aRequest({ deduplicationKeys: ['key-1'] })
      await under.ledger.accept([known])
      const fresh = aRequest({ deduplicationKeys: ['key-2'] })
      const same = aRequest({ deduplicationKeys: ['key-1'] })
      const other = aRequest({ deduplicationKeys: ['key-1'], fingerprint: 'fingerprint-2' })
      expect(await under.ledger.accept([fresh, same, other], longLease)).toEqual([
        { kind: 'known', id: known.id, sameFingerprint: false },
        { kind: 'known', id: known.id, sameFingerprint: true },
        { kind: 'known', id: known.id, sameFingerprint: false }
      ])
      expect(await under.ledger.read(fresh.pipeline, fresh.id)).toBeUndefined()
      expect(await under.ledger.accept([fresh])).toMatchObject([{ kind: 'accepted', id: fresh.id }])
    })

    it('accepts a key once when it comes fifty times at the same moment', async () => {
      await using under = await open()
      const requests = Array.from({ length: 50 }, () => aRequest({ deduplicationKeys: ['key-1'] }))
      const answers = await Promise.all(requests.map(request => under.ledger.accept([request])))
      expect(answers.flat().filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
      expect(new Set(answers.flat().map(({ id }) => id))).toHaveLength(1)
      expect(await under.ledger.pending('default/comments')).toMatchObject({ queued: 1 })
    })

    it('does no harm when the same request is accepted again', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      expect(await under.ledger.accept([request])).toEqual([{ kind: 'known', id: request.id, sameFingerprint: true }])
      expect(await under.ledger.pending(request.pipeline)).toMatchObject({ queued: 1, claimed: 0 })
      expect(await under.ledger.claim(request.pipeline, 10, longLease)).toHaveLength(1)
    })

    it('throws QUEUE_FULL when as many are waiting as may', async () => {
      await using under = await open()
      await under.ledger.accept([aRequest({ maxQueued: 2 }), aRequest({ maxQueued: 2 })])
      const refused = aRequest({ maxQueued: 2 })
      await expect(under.ledger.accept([refused])).rejects.toMatchObject({ code: 'QUEUE_FULL' })
      await expect(under.ledger.accept([refused], longLease)).rejects.toMatchObject({ code: 'QUEUE_FULL' })
      expect(await under.ledger.read(refused.pipeline, refused.id)).toBeUndefined()
      await under.ledger.accept([aRequest({ pipeline: 'default/other', maxQueued: 2 })])
    })

    it('has room again when waiting requests were claimed', async () => {
      await using under = await open()
      await under.ledger.accept([aRequest({ maxQueued: 1 })])
      await under.ledger.claim('default/comments', 1, longLease)
      expect(await under.ledger.accept([aRequest({ maxQueued: 1 })])).toMatchObject([{ kind: 'accepted' }])
    })

    it('accepts none of a batch that does not fit, and forgets its keys', async () => {
      await using under = await open()
      const batch = Array.from({ length: 3 }, (_, i) => aRequest({ maxQueued: 2, deduplicationKeys: [`key-${i}`] }))
      await expect(under.ledger.accept(batch)).rejects.toMatchObject({ code: 'QUEUE_FULL' })
      expect(await under.ledger.pending('default/comments')).toMatchObject({ queued: 0, claimed: 0 })
      expect(await under.ledger.accept(batch.slice(0, 2))).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }])
    })

    it('answers a known request also when the queue is full', async () => {
      await using under = await open()
      const request = aRequest({ maxQueued: 1, deduplicationKeys: ['key-1'] })
      await under.ledger.accept([request])
      const again = aRequest({ maxQueued: 1, deduplicationKeys: ['key-1'] })
      expect(await under.ledger.accept([again])).toMatchObject([{ kind: 'known', id: request.id }])
    })

    it('accepts five hundred in one batch, in its order', async () => {
      await using under = await open()
      const requests = Array.from({ length: 500 }, () => aRequest())
      const accepted = await under.ledger.accept(requests, longLease)
      expect(accepted.map(each => claimedOf(each).id)).toEqual(requests.map(({ id }) => id))
    })
  })
}
