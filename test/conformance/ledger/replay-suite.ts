import { describe, expect, it } from 'vitest'
import type { Claim } from '../../../src/ledger/work.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import {
  aDeadLetter,
  aRequest,
  cancelled,
  failed,
  filtered,
  longLease,
  replied
} from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { listIds } from './dead-letter-suite.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'

/** Failed requests, run once more. */
export function replaySuite(open: OpenLedger): void {
  describe('replay', () => {
    it('accepts a new request and marks the dead letter with it', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const request = aRequest({ replayOf: id })
      expect(await under.ledger.deadLetters.replay(id, request)).toEqual({ id: request.id, repeated: false })
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ replayedAs: request.id, closed: false })
      const [claimed] = await under.ledger.claim(pipeline, 10, longLease)
      expect(claimed?.record).toMatchObject({ id: request.id, replayOf: id })
    })

    it('knows no dead letter of that id', async () => {
      await using under = await open()
      const request = aRequest({ replayOf: 'no-such-request' })
      expect(await under.ledger.deadLetters.replay('no-such-request', request)).toBeUndefined()
      expect(await under.ledger.read(pipeline, request.id)).toBeUndefined()
    })

    it('replays once when it is asked many times at once', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const requests = Array.from({ length: 10 }, () => aRequest({ replayOf: id }))
      const answers = await Promise.all(requests.map(request => under.ledger.deadLetters.replay(id, request)))
      expect(answers.filter(answer => answer?.repeated === false)).toHaveLength(1)
      expect(new Set(answers.map(answer => answer?.id))).toHaveLength(1)
      expect(await under.ledger.pending(pipeline)).toMatchObject({ queued: 1 })
    })

    it('closes the dead letter when it ends well', async () => {
      await using under = await open()
      for (const settlement of [replied, filtered]) {
        const id = await aDeadLetter(under.ledger)
        await under.ledger.settle(await replayed(under.ledger, id), settlement)
        expect(await under.ledger.deadLetters.read(id)).toMatchObject({ closed: true })
        expect(await listIds(under.ledger)).toEqual([])
        expect(await listIds(under.ledger, { closed: true })).toContain(id)
        expect(await under.ledger.deadLetters.count(undefined)).toBe(0)
      }
    })

    it('leaves the dead letter open when it fails, and may be done again', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const first = await replayed(under.ledger, id)
      await under.ledger.settle(first, failed)
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ replayedAs: first.id, closed: false })
      const second = await replayed(under.ledger, id)
      expect(second.id).not.toBe(first.id)
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ replayedAs: second.id })
      await under.ledger.settle(second, replied)
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ closed: true })
    })

    it('that failed closes both dead letters when its own replay ends well', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const first = await replayed(under.ledger, id)
      await under.ledger.settle(first, failed)
      const second = await replayed(under.ledger, first.id)
      const asked = await under.ledger.deadLetters.replay(id, aRequest({ replayOf: id }))
      expect(asked, 'the replay of the replay is the one that runs').toEqual({ id: second.id, repeated: true })
      await under.ledger.settle(second, replied)
      for (const letter of [id, first.id]) {
        expect(await under.ledger.deadLetters.read(letter)).toMatchObject({ closed: true, replayedAs: second.id })
      }
      expect(await under.ledger.deadLetters.count(undefined)).toBe(0)
    })

    it.each(['by a caller', 'by its owner'])('that is cancelled %s leaves a dead letter as it was', async by => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const first = await replayed(under.ledger, id)
      if (by === 'by its owner') await under.ledger.settle(first, cancelled)
      else await under.ledger.cancel(pipeline, first.id)
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ replayedAs: undefined, closed: false })
      const second = await replayed(under.ledger, id)
      await under.ledger.settle(second, replied)
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ replayedAs: second.id, closed: true })
    })

    it('that failed can be removed, and what it had replayed can be replayed again', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const first = await replayed(under.ledger, id)
      await under.ledger.settle(first, failed)
      await under.ledger.deadLetters.remove(first.id)
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ replayedAs: undefined, closed: false })
      expect((await replayed(under.ledger, id)).id).not.toBe(first.id)
    })

    it('answers the replay that there is when it ended well', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const first = await replayed(under.ledger, id)
      await under.ledger.settle(first, replied)
      const again = await under.ledger.deadLetters.replay(id, aRequest({ replayOf: id }))
      expect(again).toEqual({ id: first.id, repeated: true })
    })

    it('does not mark the dead letter when the queue is full', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      await under.ledger.accept([aRequest()])
      const refused = under.ledger.deadLetters.replay(id, aRequest({ replayOf: id, maxQueued: 1 }))
      await expect(refused).rejects.toMatchObject({ code: 'QUEUE_FULL' })
      expect(await under.ledger.deadLetters.read(id)).toMatchObject({ replayedAs: undefined })
    })

    it('expires a dead letter that it closed', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger, aRequest({ ttlMs: 50 }))
      await under.ledger.settle(await replayed(under.ledger, id), replied)
      const expired = async (): Promise<boolean> => (await under.ledger.read(pipeline, id)) === 'expired'
      await waitFor(expired, { what: 'the closed dead letter to expire' })
      expect(await under.ledger.deadLetters.read(id)).toBeUndefined()
      expect(await listIds(under.ledger, { closed: true })).toEqual([])
    })
  })
}

/** Replays the dead letter and claims the replay. */
async function replayed(ledger: Ledger, id: string): Promise<Claim> {
  const request = aRequest({ replayOf: id })
  await ledger.deadLetters.replay(id, request)
  const [claimed] = await ledger.claim(pipeline, 1, longLease)
  if (claimed?.id !== request.id) throw new Error(`expected to claim the replay, got ${claimed?.id}`)
  return claimed
}
