import { describe, expect, it } from 'vitest'
import { anEvent } from '../../helpers/events.ts'
import { acceptClaimed, aRequest, claimedOf, longLease, readRecord, replied } from '../../helpers/ledger-requests.ts'
import type { CloudEvent } from '../../../src/event/event.ts'
import type { OpenLedger } from './ledger-under-test.ts'

/** Calls of one turn of the event loop, which an adapter may carry out together: each is as if it were alone. */
export function sameMomentSuite(open: OpenLedger): void {
  describe('calls at the same moment', () => {
    it('are accepted or refused each by itself', async () => {
      await using under = await open()
      const { ledger } = under
      const known = aRequest({ deduplicationKeys: ['key:1'] })
      await ledger.accept([known])
      const [alone, again, other, elsewhere] = [
        aRequest(),
        aRequest({ deduplicationKeys: ['key:1'] }),
        aRequest({ deduplicationKeys: ['key:1'], fingerprint: 'fingerprint-2' }),
        aRequest({ pipeline: 'default/others', deduplicationKeys: ['key:1'] })
      ]
      const batch = [aRequest(), aRequest({ deduplicationKeys: ['key:1'], fingerprint: 'fingerprint-2' })]
      const claimed = aRequest()
      const answers = await Promise.all([
        ledger.accept([alone]),
        ledger.accept([again]),
        ledger.accept([other]),
        ledger.accept([elsewhere]),
        ledger.accept(batch),
        ledger.accept([claimed], longLease)
      ])
      const mismatch = { kind: 'known', id: known.id, sameFingerprint: false }
      expect(answers.slice(0, 5)).toEqual([
        [{ kind: 'accepted', id: alone.id, claimed: undefined }],
        [{ kind: 'known', id: known.id, sameFingerprint: true }],
        [mismatch],
        [{ kind: 'accepted', id: elsewhere.id, claimed: undefined }],
        [mismatch, mismatch]
      ])
      expect(claimedOf(answers[5]?.[0]).record.status).toBe('running')
      expect(await ledger.read(known.pipeline, batch[0]?.id ?? '')).toBeUndefined()
      expect(await ledger.pending(known.pipeline)).toMatchObject({ queued: 2, claimed: 1 })
    })

    it('fill the queue to its limit and not beyond', async () => {
      await using under = await open()
      const accepts = Array.from({ length: 8 }, (_, i) =>
        under.ledger.accept([aRequest({ maxQueued: 5 })], i % 2 === 0 ? longLease : undefined)
      )
      const late = under.ledger.accept([aRequest({ maxQueued: 5 }), aRequest({ maxQueued: 5 })])
      for (const accept of accepts) expect(await accept).toMatchObject([{ kind: 'accepted' }])
      // Four wait: there is room for one of the two, so for none.
      await expect(late).rejects.toMatchObject({ code: 'QUEUE_FULL' })
      expect(await under.ledger.pending('default/comments')).toMatchObject({ queued: 4, claimed: 4 })
    })

    it('keep the order of a key', async () => {
      await using under = await open()
      const requests = Array.from({ length: 4 }, () => aRequest({ orderKey: 'customer-1' }))
      const accepted = await Promise.all(requests.map(request => under.ledger.accept([request], longLease)))
      const claims = accepted.map(([one]) => (one?.kind === 'accepted' ? one.claimed : undefined))
      expect(claims.map(claim => claim?.id)).toEqual([requests[0]?.id, undefined, undefined, undefined])
      let running = claimedOf(accepted[0]?.[0])
      for (const next of requests.slice(1)) {
        expect(await under.ledger.settle(running, replied)).toBe(true)
        const [claimed] = await under.ledger.claim(next.pipeline, 4, longLease)
        if (claimed === undefined) throw new Error('the next one was not freed')
        expect(claimed.id).toBe(next.id)
        running = claimed
      }
    })

    it('are settled each under its own token', async () => {
      await using under = await open()
      const claims = await Promise.all(Array.from({ length: 6 }, () => acceptClaimed(under.ledger, aRequest())))
      const settled = await Promise.all(
        claims.map((claim, i) =>
          under.ledger.settle(i === 2 ? { ...claim, token: claim.token - 1 } : claim, {
            status: 'replied',
            reply: anEvent({ id: `reply-${i}` }),
            steps: []
          })
        )
      )
      expect(settled).toEqual([true, true, false, true, true, true])
      const replies = await Promise.all(claims.map(async claim => (await readRecord(under.ledger, claim)).reply))
      expect(replies.map(reply => reply?.attributes.get('id'))).toEqual(
        [0, 1, undefined, 3, 4, 5].map(i => (i === undefined ? undefined : `reply-${i}`))
      )
    })

    it('keep what they carry, however much it is together', async () => {
      await using under = await open()
      const requests = Array.from({ length: 50 }, (_, i) =>
        aRequest({ event: anEvent({ data: new Uint8Array(40_000).fill(i) }) })
      )
      const carries = (event: CloudEvent | undefined, i: number): boolean =>
        Buffer.from(event?.data ?? []).equals(Buffer.alloc(40_000, i))
      const accepted = await Promise.all(requests.map(request => under.ledger.accept([request], longLease)))
      for (const [i, request] of requests.entries()) {
        expect(carries((await readRecord(under.ledger, request)).event, i)).toBe(true)
      }
      const settled = await Promise.all(
        accepted.map(([one], i) => {
          const reply = anEvent({ data: new Uint8Array(40_000).fill(i) })
          return under.ledger.settle(claimedOf(one), { status: 'replied', reply, steps: [] })
        })
      )
      expect(settled).not.toContain(false)
      for (const [i, request] of requests.entries()) {
        expect(carries((await readRecord(under.ledger, request)).reply, i)).toBe(true)
      }
    })
  })
}
