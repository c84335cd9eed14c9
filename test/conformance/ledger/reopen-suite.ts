import { describe, expect, it } from 'vitest'
import {
  acceptClaimed,
  aDeadLetter,
  aCheckpoint,
  aMark,
  rootMarks,
  aRequest,
  longLease,
  readRecord,
  replied
} from '../../helpers/ledger-requests.ts'
import type { OpenDurableLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'

/** Requests are still there when the ledger was closed and opened again. */
export function reopenSuite(open: OpenDurableLedger): void {
  describe('after it was opened again', () => {
    it('has every record as it was', async () => {
      await using under = await open()
      const waiting = aRequest({ deduplicationKeys: ['key-1'] })
      await under.ledger.accept([waiting])
      const settled = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(settled, replied)
      const dead = await aDeadLetter(under.ledger)
      await under.ledger.documents.put('definition', 'a', 'text')
      const before = await under.ledger.list({ pipeline, status: undefined, after: undefined, limit: 10 })

      const ledger = await under.reopen()
      expect(await ledger.list({ pipeline, status: undefined, after: undefined, limit: 10 })).toEqual(before)
      expect(await ledger.deadLetters.read(dead)).toMatchObject({ closed: false })
      expect(await ledger.documents.get('definition', 'a')).toBe('text')
      expect(await ledger.pending(pipeline)).toMatchObject({ queued: 1, claimed: 0 })
      const again = aRequest({ deduplicationKeys: ['key-1'] })
      expect(await ledger.accept([again])).toMatchObject([{ kind: 'known', id: waiting.id }])
      expect((await ledger.claim(pipeline, 10, longLease)).map(({ id }) => id)).toEqual([waiting.id])
    })

    it('has the last checkpoint and the count of deliveries', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.checkpoint(claimed, aCheckpoint())
      const ledger = await under.reopen()
      const record = await readRecord(ledger, claimed)
      expect(record).toMatchObject({ deliveries: 1, steps: aMark().steps })
      expect(record.marks).toEqual(rootMarks())
    })

    it('still holds the order of a key', async () => {
      await using under = await open()
      const requests = [aRequest({ orderKey: 'a' }), aRequest({ orderKey: 'a' })]
      await under.ledger.accept(requests)
      const ledger = await under.reopen()
      const claims = await ledger.claim(pipeline, 10, longLease)
      expect(claims.map(({ id }) => id)).toEqual([requests[0]?.id])
    })
  })
}
