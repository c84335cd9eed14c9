import { describe, expect, it } from 'vitest'
import {
  acceptClaimed,
  aDeadLetter,
  aProgress,
  aRequest,
  longLease,
  readRecord,
  replied
} from '../../helpers/ledger-requests.ts'
import type { LedgerUnderTest, OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'

/** What is still there when the ledger was closed and opened again. */
export function reopenSuite(open: OpenLedger): void {
  describe('after it was opened again', () => {
    it('has every record as it was', async context => {
      await using under = await open()
      const reopen = requireReopen(under, context)
      const waiting = aRequest({ deduplicationKeys: ['key-1'] })
      await under.ledger.accept([waiting])
      const settled = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(settled, replied)
      const dead = await aDeadLetter(under.ledger)
      await under.ledger.documents.put('definition', 'a', 'text')
      const before = await under.ledger.list({ pipeline, status: undefined, after: undefined, limit: 10 })

      const ledger = await reopen()
      expect(await ledger.list({ pipeline, status: undefined, after: undefined, limit: 10 })).toEqual(before)
      expect(await ledger.deadLetters.read(dead)).toMatchObject({ closed: false })
      expect(await ledger.documents.get('definition', 'a')).toBe('text')
      expect(await ledger.pending(pipeline)).toMatchObject({ queued: 1, claimed: 0 })
      const again = aRequest({ deduplicationKeys: ['key-1'] })
      expect(await ledger.accept([again])).toMatchObject([{ kind: 'known', id: waiting.id }])
      expect((await ledger.claim(pipeline, 10, longLease)).map(({ id }) => id)).toEqual([waiting.id])
    })

    it('has the last checkpoint and the count of deliveries', async context => {
      await using under = await open()
      const reopen = requireReopen(under, context)
      const claimed = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.checkpoint(claimed, aProgress())
      const ledger = await reopen()
      const record = await readRecord(ledger, claimed)
      expect(record).toMatchObject({ deliveries: 1, steps: aProgress().steps })
      expect(record.progress).toEqual(aProgress())
    })

    it('still holds the order of a key', async context => {
      await using under = await open()
      const reopen = requireReopen(under, context)
      const requests = [aRequest({ orderKey: 'a' }), aRequest({ orderKey: 'a' })]
      await under.ledger.accept(requests)
      const ledger = await reopen()
      const claims = await ledger.claim(pipeline, 10, longLease)
      expect(claims.map(({ id }) => id)).toEqual([requests[0]?.id])
    })
  })

  it('can be closed twice', async () => {
    await using under = await open()
    await under.ledger[Symbol.asyncDispose]()
    await under.ledger[Symbol.asyncDispose]()
    await expect(under.ledger.accept([aRequest()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('says what its 202 means', async () => {
    await using under = await open()
    expect([0, 1, 2, 3]).toContain(under.ledger.durability.level)
    expect(under.ledger.durability.summary).not.toContain('\n')
  })
}

function requireReopen({ reopen }: LedgerUnderTest, context: { skip: (note: string) => never }) {
  return reopen ?? context.skip('its data ends with the ledger')
}
