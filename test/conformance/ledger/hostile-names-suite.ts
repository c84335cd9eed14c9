import { describe, expect, it } from 'vitest'
import { anEvent } from '../../helpers/events.ts'
import {
  acceptClaimed,
  aDeadLetter,
  aRequest,
  claimedOf,
  longLease,
  readRecord,
  replied
} from '../../helpers/ledger-requests.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const hostile = [
  '.',
  '*',
  '>',
  '/',
  '..',
  '../../etc/passwd',
  'a\0b',
  '\0',
  '{tag}',
  '{',
  '}',
  ':',
  'a:b',
  '%',
  '%00',
  "'; drop table requests; --",
  '__proto__',
  'constructor',
  ' ',
  'ünïcödé ✓ 🦜',
  'a\r\nb',
  'x'.repeat(4096),
  '🦜'.repeat(1024)
]

/** Names from outside are data: each stands for itself and for nothing else. */
export function hostileNamesSuite(open: OpenLedger): void {
  describe('hostile names', () => {
    it('as request ids lead to their own record', async () => {
      await using under = await open()
      const requests = hostile.map((id, i) => aRequest({ id, fingerprint: `fingerprint-${i}` }))
      await under.ledger.accept(requests)
      for (const { id, pipeline } of requests) expect((await readRecord(under.ledger, { pipeline, id })).id).toBe(id)
      const claims = await under.ledger.claim('default/comments', 100, longLease)
      expect(claims.map(({ id }) => id).toSorted()).toEqual(hostile.toSorted())
      for (const claim of claims) expect(await under.ledger.settle(claim, replied)).toBe(true)
    })

    it('as pipeline names have a queue each', async () => {
      await using under = await open()
      const requests = hostile.map(pipeline => aRequest({ pipeline }))
      for (const request of requests) await under.ledger.accept([request])
      expect((await under.ledger.claimable()).toSorted()).toEqual(hostile.toSorted())
      for (const { pipeline, id } of requests) {
        expect((await under.ledger.claim(pipeline, 10, longLease)).map(claim => claim.id)).toEqual([id])
        expect(await under.ledger.pending(pipeline)).toMatchObject({ queued: 0, claimed: 1 })
      }
    })

    it('as deduplication keys are known each for itself', async () => {
      await using under = await open()
      const requests = hostile.map(key => aRequest({ deduplicationKeys: [key] }))
      const accepted = await under.ledger.accept(requests)
      expect(accepted.map(({ kind }) => kind)).toEqual(hostile.map(() => 'accepted'))
      const again = await under.ledger.accept(hostile.map(key => aRequest({ deduplicationKeys: [key] })))
      expect(again.map(({ id }) => id)).toEqual(requests.map(({ id }) => id))
    })

    it('as order keys hold only their own', async () => {
      await using under = await open()
      const accepted = await under.ledger.accept(
        hostile.map(orderKey => aRequest({ orderKey })),
        longLease
      )
      expect(accepted.map(each => claimedOf(each).record.orderKey)).toEqual(hostile)
    })

    it('as document kinds and names are kept apart', async () => {
      await using under = await open()
      for (const name of hostile) await under.ledger.documents.put(name, name, `text of ${name}`)
      for (const name of hostile) {
        expect(await under.ledger.documents.list(name)).toEqual([{ name, text: `text of ${name}` }])
      }
    })

    it('as attributes and headers come back as they went in', async () => {
      await using under = await open()
      const attributes = new Map<string, string | number | boolean>([
        ...anEvent().attributes,
        ...hostile.map((value, i) => [`extension${i}`, value] as const),
        ['__proto__', 'data'],
        ['constructor', true]
      ])
      const claimed = await acceptClaimed(
        under.ledger,
        aRequest({ event: { attributes, data: undefined }, headers: hostile })
      )
      const record = await readRecord(under.ledger, claimed)
      expect([...record.event.attributes]).toEqual([...attributes])
      expect(record.headers).toEqual(hostile)
    })

    it('as ids of dead letters can be replayed', async () => {
      await using under = await open()
      for (const id of hostile) {
        await aDeadLetter(under.ledger, aRequest({ id }))
        const replay = aRequest({ replayOf: id })
        expect(await under.ledger.deadLetters.replay(id, replay)).toEqual({ id: replay.id, repeated: false })
        expect((await under.ledger.deadLetters.read(id))?.record.id).toBe(id)
      }
    })

    it('as ids and pipelines that would join to the same text are two', async () => {
      await using under = await open()
      const one = aRequest({ pipeline: 'a:b', id: 'c' })
      const two = aRequest({ pipeline: 'a', id: 'b:c' })
      await under.ledger.accept([one])
      await under.ledger.accept([two])
      expect((await readRecord(under.ledger, one)).pipeline).toBe('a:b')
      expect((await readRecord(under.ledger, two)).pipeline).toBe('a')
      expect(await under.ledger.read('a:b', 'b:c')).toBeUndefined()
    })
  })
}
