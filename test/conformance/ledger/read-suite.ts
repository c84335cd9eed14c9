import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { RequestFilter } from '../../../src/ledger/records.ts'
import { summaryOf } from '../../../src/ledger/record/stored-record.ts'
import {
  acceptClaimed,
  aDeadLetter,
  aFailure,
  aCheckpoint,
  rootPlaces,
  aRequest,
  failed,
  filtered,
  longLease,
  readRecord,
  replied
} from '../../helpers/ledger-requests.ts'
import { anEvent } from '../../helpers/events.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'

/** Reading, lists and the figures of what is pending. */
export function readSuite(open: OpenLedger): void {
  describe('read', () => {
    it('knows no request of another pipeline', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      expect(await under.ledger.read('default/other', request.id)).toBeUndefined()
      expect(await under.ledger.read(pipeline, 'no-such-request')).toBeUndefined()
    })
  })

  describe('list', () => {
    it('gives the newest first, page by page', async () => {
      await using under = await open()
      const requests = Array.from({ length: 5 }, () => aRequest())
      for (const request of requests) await under.ledger.accept([request])
      const newestFirst = requests.map(({ id }) => id).toReversed()
      const first = await listIds(under.ledger, { limit: 3 })
      expect(first).toEqual(newestFirst.slice(0, 3))
      expect(await listIds(under.ledger, { limit: 3, after: first[2] })).toEqual(newestFirst.slice(3))
    })

    it('gives those of one pipeline, or of all', async () => {
      await using under = await open()
      const [here, there] = [aRequest(), aRequest({ pipeline: 'default/other' })]
      await under.ledger.accept([here])
      await under.ledger.accept([there])
      expect(await listIds(under.ledger, { pipeline })).toEqual([here.id])
      expect(await listIds(under.ledger, {})).toEqual([there.id, here.id])
      expect(await listIds(under.ledger, { pipeline: 'default/unknown' })).toEqual([])
    })

    it('gives those with one status', async () => {
      await using under = await open()
      const waiting = aRequest()
      const running = await acceptClaimed(under.ledger, aRequest())
      const answered = await acceptClaimed(under.ledger, aRequest())
      const dropped = await acceptClaimed(under.ledger, aRequest())
      const broken = await acceptClaimed(under.ledger, aRequest())
      const stopped = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.accept([waiting])
      await under.ledger.settle(answered, replied)
      await under.ledger.settle(dropped, filtered)
      await under.ledger.settle(broken, failed)
      await under.ledger.cancel(pipeline, stopped.id)
      expect(await listIds(under.ledger, { status: 'accepted' })).toEqual([waiting.id])
      expect(await listIds(under.ledger, { status: 'running' })).toEqual([running.id])
      expect(await listIds(under.ledger, { status: 'replied', pipeline })).toEqual([answered.id])
      expect(await listIds(under.ledger, { status: 'filtered' })).toEqual([dropped.id])
      expect(await listIds(under.ledger, { status: 'failed' })).toEqual([broken.id])
      expect(await listIds(under.ledger, { status: 'cancelled', pipeline })).toEqual([stopped.id])
    })

    it('gives the same records as read, but for their events', async () => {
      await using under = await open()
      const { ledger } = under
      const event = anEvent({ data: 'x'.repeat(100_000) })
      const answered = await acceptClaimed(ledger, aRequest({ event }))
      await ledger.settle(answered, { status: 'replied', reply: event, steps: [] })
      const begun = await acceptClaimed(ledger, aRequest({ event }))
      await ledger.checkpoint(begun, aCheckpoint({ event }))
      await ledger.checkpoint(begun, aCheckpoint({ event }, { path: 'fan/left' }))
      const broken = await acceptClaimed(ledger, aRequest({ event }))
      await ledger.settle(broken, { status: 'failed', failure: aFailure({ places: rootPlaces({ event }) }), steps: [] })
      const listed = await ledger.list({ pipeline, status: undefined, after: undefined, limit: 10 })
      const records = await Promise.all([broken, begun, answered].map(claim => readRecord(ledger, claim)))
      expect(listed).toEqual(records.map(summaryOf))
      expect(JSON.stringify(listed).length).toBeLessThan(10_000)
      // The data, which was not read for the list, is there all the same.
      expect(
        records.map(
          record => record.reply?.data ?? record.marks.get('')?.event.data ?? record.failure?.places.get('')?.event.data
        )
      ).toEqual([event.data, event.data, event.data])
    })
  })

  describe('pending', () => {
    it('has nothing for a pipeline without requests', async () => {
      await using under = await open()
      const nothing = { queued: 0, claimed: 0, oldestAcceptedAt: undefined, leastEventTime: undefined }
      expect(await under.ledger.pending(pipeline)).toEqual(nothing)
      await under.ledger.settle(await acceptClaimed(under.ledger, aRequest()), replied)
      expect(await under.ledger.pending(pipeline)).toEqual(nothing)
    })

    it('counts what waits and what runs', async () => {
      await using under = await open()
      await under.ledger.accept([aRequest(), aRequest(), aRequest()])
      await under.ledger.claim(pipeline, 1, longLease)
      await acceptClaimed(under.ledger, aRequest())
      expect(await under.ledger.pending(pipeline)).toMatchObject({ queued: 2, claimed: 2 })
    })

    it('knows the oldest acceptance and the least event time of those that are not settled', async () => {
      await using under = await open()
      const oldest = await acceptClaimed(under.ledger, aRequest({ eventTime: 2_000 }))
      await waitFor(() => Date.now() > oldest.record.acceptedAt + 1, { what: 'the next millisecond' })
      const least = await acceptClaimed(under.ledger, aRequest({ eventTime: 1_000 }))
      await under.ledger.accept([aRequest({ eventTime: 3_000 })])
      const times = async () => {
        const { oldestAcceptedAt, leastEventTime } = await under.ledger.pending(pipeline)
        return { oldestAcceptedAt, leastEventTime }
      }
      expect(await times()).toEqual({ oldestAcceptedAt: oldest.record.acceptedAt, leastEventTime: 1_000 })
      await under.ledger.settle(oldest, replied)
      expect(await times()).toEqual({ oldestAcceptedAt: least.record.acceptedAt, leastEventTime: 1_000 })
      await under.ledger.settle(least, filtered)
      expect(await times()).toMatchObject({ leastEventTime: 3_000 })
    })

    it('moves the least event time on with every end of a request, in whatever order they come', async () => {
      await using under = await open()
      const { ledger } = under
      const claim = (eventTime: number) => acceptClaimed(ledger, aRequest({ eventTime, ttlMs: 30 }))
      const [first, second, third, fourth, fifth] = [
        await claim(1_000),
        await claim(2_000),
        await claim(3_000),
        await claim(4_000),
        await claim(5_000)
      ]
      const least = async () => (await ledger.pending(pipeline)).leastEventTime
      await ledger.settle(third, replied)
      expect(await least()).toBe(1_000)
      await ledger.settle(first, failed)
      expect(await least()).toBe(2_000)
      await ledger.cancel(pipeline, second.id)
      expect(await least()).toBe(4_000)
      await ledger.release(fourth, { delayMs: 60_000, spent: true })
      expect(await least()).toBe(4_000)
      // A record that expires was settled before.
      await waitFor(async () => (await ledger.read(pipeline, third.id)) === 'expired', { what: 'the reply to expire' })
      expect(await least()).toBe(4_000)
      await ledger.cancel(pipeline, fourth.id)
      await ledger.settle(fifth, filtered)
      expect(await least()).toBeUndefined()
    })

    it('takes the event time of a replay anew', async () => {
      await using under = await open()
      const { ledger } = under
      const dead = await aDeadLetter(ledger, aRequest({ eventTime: 1_000 }))
      expect(await ledger.pending(pipeline)).toMatchObject({ leastEventTime: undefined })
      await ledger.deadLetters.replay(dead, aRequest({ eventTime: 1_000, replayOf: dead }))
      expect(await ledger.pending(pipeline)).toMatchObject({ leastEventTime: 1_000 })
    })
  })
}

async function listIds(ledger: Ledger, filter: Partial<RequestFilter>): Promise<string[]> {
  const all = { pipeline: undefined, status: undefined, after: undefined, limit: 100 }
  return (await ledger.list({ ...all, ...filter })).map(({ id }) => id)
}
