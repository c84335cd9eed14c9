import { describe, expect, it } from 'vitest'
import type { DeadLetterFilter } from '../../../src/ledger/dead-letters.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { acceptClaimed, aDeadLetter, aFailure, aRequest, readRecord, replied } from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'

/** Failed requests: kept, listed, removed. */
export function deadLetterSuite(open: OpenLedger): void {
  describe('dead letters', () => {
    it('keep a failed request', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      const record = await readRecord(under.ledger, { pipeline, id })
      expect(await under.ledger.deadLetters.read(id)).toEqual({ record, replayedAs: undefined, closed: false })
      expect(await listIds(under.ledger)).toEqual([id])
    })

    it('keep no request that ended otherwise', async () => {
      await using under = await open()
      const answered = await acceptClaimed(under.ledger, aRequest())
      await under.ledger.settle(answered, replied)
      expect(await under.ledger.deadLetters.read(answered.id)).toBeUndefined()
      expect(await under.ledger.deadLetters.read('no-such-request')).toBeUndefined()
      expect(await listIds(under.ledger)).toEqual([])
    })

    it('stay when their time to live is over', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger, aRequest({ ttlMs: 1 }))
      const other = await acceptClaimed(under.ledger, aRequest({ ttlMs: 50 }))
      await under.ledger.settle(other, replied)
      const expired = async (): Promise<boolean> => (await under.ledger.read(pipeline, other.id)) === 'expired'
      await waitFor(expired, { what: 'a later one to expire' })
      expect(await readRecord(under.ledger, { pipeline, id })).toMatchObject({ status: 'failed' })
    })

    it('are listed oldest first, page by page, also after one that was removed since', async () => {
      await using under = await open()
      const ids: string[] = []
      for (let i = 0; i < 5; i++) ids.push(await aDeadLetter(under.ledger))
      const page = await listIds(under.ledger, { limit: 2 })
      expect(page).toEqual(ids.slice(0, 2))
      await under.ledger.deadLetters.remove(ids[1]!)
      expect(await listIds(under.ledger, { after: page[1] })).toEqual(ids.slice(2))
    })

    it('are listed by pipeline, step, code and time', async () => {
      await using under = await open()
      const first = await aDeadLetter(under.ledger)
      const { finishedAt = 0 } = await readRecord(under.ledger, { pipeline, id: first })
      await waitFor(() => Date.now() > finishedAt + 1, { what: 'the next millisecond' })
      const other = await aDeadLetter(under.ledger, aRequest({ pipeline: 'default/other' }))
      const timeout = await aDeadLetter(under.ledger, aRequest(), aFailure({ code: 'STEP_TIMEOUT', step: 'filter' }))
      expect(await listIds(under.ledger, { pipeline })).toEqual([first, timeout])
      expect(await listIds(under.ledger, { code: 'STEP_FAILED' })).toEqual([first, other])
      expect(await listIds(under.ledger, { step: 'filter' })).toEqual([timeout])
      expect(await listIds(under.ledger, { since: finishedAt + 1 })).toEqual([other, timeout])
      expect(await listIds(under.ledger, { pipeline, step: 'sentiment', code: 'STEP_FAILED' })).toEqual([first])
    })

    it('are counted', async () => {
      await using under = await open()
      await aDeadLetter(under.ledger)
      await aDeadLetter(under.ledger)
      await aDeadLetter(under.ledger, aRequest({ pipeline: 'default/other' }))
      expect(await under.ledger.deadLetters.count(undefined)).toBe(3)
      expect(await under.ledger.deadLetters.count(pipeline)).toBe(2)
      expect(await under.ledger.deadLetters.count('default/unknown')).toBe(0)
    })

    it('are gone when they are removed', async () => {
      await using under = await open()
      const id = await aDeadLetter(under.ledger)
      expect(await under.ledger.deadLetters.remove(id)).toBe(true)
      expect(await under.ledger.deadLetters.remove(id)).toBe(false)
      expect(await under.ledger.deadLetters.read(id)).toBeUndefined()
      expect(await under.ledger.deadLetters.count(undefined)).toBe(0)
      expect(await under.ledger.read(pipeline, id)).toBe('expired')
    })

    it('are removed only when they are dead letters', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      expect(await under.ledger.deadLetters.remove(request.id)).toBe(false)
      expect(await readRecord(under.ledger, request)).toMatchObject({ status: 'accepted' })
    })
  })
}

/** The ids of those that the filter lets through; of all that are open without one. */
export async function listIds(ledger: Ledger, filter: Partial<DeadLetterFilter> = {}): Promise<string[]> {
  const all = { pipeline: undefined, step: undefined, code: undefined, since: undefined, after: undefined }
  const letters = await ledger.deadLetters.list({ ...all, closed: false, limit: 100, ...filter })
  return letters.map(({ record }) => record.id)
}
