import { describe, expect, it } from 'vitest'
import { anEvent } from '../../helpers/events.ts'
import {
  acceptClaimed,
  aFailure,
  aRequest,
  longLease,
  readRecord,
  replied,
  shortLease
} from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { Claim } from '../../../src/ledger/work.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'
const { attributes } = anEvent({ id: 'reply-1', type: 'dev.sluice.reply' })
const head = { attributes, data: undefined }

const append = (ledger: Ledger, claim: Claim, offset: number, text: string) =>
  ledger.appendPiece(claim, { offset, octets: Buffer.from(text), head })

/** `RUN-OFFSET:OCTETS` of what is kept. */
async function kept(ledger: Ledger, id: string, run: number | undefined, offset: number, limit = 1_000_000) {
  const pieces = await ledger.readPieces(pipeline, id, { run, offset, limit })
  return pieces && `${pieces.run}-${pieces.offset}:${Buffer.from(pieces.octets).toString()}`
}

/** The stream of a request that runs, in pieces. */
export function streamSuite(open: OpenLedger): void {
  describe('a stream', () => {
    it('is kept as it comes, and read from any octet on', async () => {
      await using under = await open()
      const { ledger } = under
      const claimed = await acceptClaimed(ledger, aRequest())
      expect(await kept(ledger, claimed.id, undefined, 0)).toBeUndefined()
      expect((await readRecord(ledger, claimed)).stream).toBeUndefined()
      expect(await append(ledger, claimed, 0, 'abc')).toBe(1)
      expect(await append(ledger, claimed, 3, 'defgh')).toBe(1)
      expect(await kept(ledger, claimed.id, undefined, 0)).toBe('1-0:abcdefgh')
      expect(await kept(ledger, claimed.id, 1, 2)).toBe('1-2:cdefgh')
      expect(await kept(ledger, claimed.id, 1, 4, 3)).toBe('1-4:efg')
      expect(await kept(ledger, claimed.id, 1, 8)).toBe('1-8:')
      expect((await readRecord(ledger, claimed)).stream).toEqual({ run: 1, size: 8 })
      const pieces = await ledger.readPieces(pipeline, claimed.id, { run: 1, offset: 0, limit: 1 })
      expect(pieces?.head).toEqual(head)
    })

    it('of many octets comes back to the octet, in whatever pieces it came and goes', async () => {
      await using under = await open()
      const { ledger } = under
      const claimed = await acceptClaimed(ledger, aRequest())
      const whole = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256))
      const sizes = [1, 8_191, 8_192, 1, 40_000, 17, 8_193]
      for (let at = 0, i = 0; at < whole.length; i++) {
        const octets = whole.subarray(at, at + (sizes[i % sizes.length] ?? 1))
        expect(await ledger.appendPiece(claimed, { offset: at, octets, head })).toBe(1)
        at += octets.length
      }
      for (const limit of [10_000, 8_192, 65_536]) {
        const read: Uint8Array[] = []
        for (let offset = 0; offset < whole.length;) {
          const pieces = await ledger.readPieces(pipeline, claimed.id, { run: 1, offset, limit })
          if (pieces === undefined || pieces.octets.length === 0) throw new Error(`nothing at ${offset}`)
          expect(pieces.octets.length).toBeLessThanOrEqual(limit)
          read.push(pieces.octets)
          offset += pieces.octets.length
        }
        expect(Buffer.concat(read).equals(whole)).toBe(true)
      }
    })

    it('takes a piece that is there already no second time', async () => {
      await using under = await open()
      const { ledger } = under
      const claimed = await acceptClaimed(ledger, aRequest())
      await append(ledger, claimed, 0, 'abc')
      expect(await append(ledger, claimed, 0, 'abc')).toBe(1)
      expect(await append(ledger, claimed, 1, 'bcd')).toBe(1)
      expect(await kept(ledger, claimed.id, 1, 0)).toBe('1-0:abcd')
    })

    it('of a later delivery begins anew, with a run of its own, and is read from its start', async () => {
      await using under = await open()
      const { ledger } = under
      const first = await acceptClaimed(ledger, aRequest(), shortLease)
      await append(ledger, first, 0, 'abc')
      const taken = await waitFor(async () => (await ledger.claim(pipeline, 1, longLease))[0], { what: 'the lease' })
      expect(await append(ledger, first, 3, 'lost')).toBeUndefined()
      expect(await kept(ledger, first.id, 1, 0)).toBeUndefined()
      expect((await readRecord(ledger, first)).stream).toBeUndefined()
      expect(await append(ledger, taken, 0, 'x')).toBe(2)
      expect(await kept(ledger, first.id, 1, 2)).toBe('2-0:x')
      expect((await readRecord(ledger, first)).stream).toEqual({ run: 2, size: 1 })
    })

    it('is told to who waits for the request', async () => {
      await using under = await open()
      const { ledger } = under
      const claimed = await acceptClaimed(ledger, aRequest())
      const { version } = await readRecord(ledger, claimed)
      const waiting = ledger.wait(pipeline, claimed.id, version, AbortSignal.timeout(10_000))
      await append(ledger, claimed, 0, 'abc')
      expect(await waiting).toMatchObject({ stream: { run: 1, size: 3 } })
    })

    it('is gone when the request is settled, and its run is known', async () => {
      await using under = await open()
      const { ledger } = under
      const claimed = await acceptClaimed(ledger, aRequest())
      await append(ledger, claimed, 0, 'abc')
      const reply = anEvent({ data: 'abcdef' })
      expect(await ledger.settle(claimed, { status: 'replied', reply, steps: [], run: 1 })).toBe(true)
      expect(await kept(ledger, claimed.id, 1, 0)).toBeUndefined()
      expect(await append(ledger, claimed, 3, 'def')).toBeUndefined()
      expect(await readRecord(ledger, claimed)).toMatchObject({ status: 'replied', stream: { run: 1, size: 6 } })
    })

    it('is gone when the request fails, is cancelled, or replies as a whole', async () => {
      await using under = await open()
      const { ledger } = under
      const ends = [
        (claim: Claim) => ledger.settle(claim, { status: 'failed', failure: aFailure(), steps: [] }),
        (claim: Claim) => ledger.cancel(pipeline, claim.id),
        (claim: Claim) => ledger.settle(claim, replied)
      ]
      for (const end of ends) {
        const claimed = await acceptClaimed(ledger, aRequest())
        await append(ledger, claimed, 0, 'abc')
        await end(claimed)
        expect(await kept(ledger, claimed.id, 1, 0)).toBeUndefined()
        expect((await readRecord(ledger, claimed)).stream).toBeUndefined()
      }
    })

    it('belongs to its pipeline', async () => {
      await using under = await open()
      const { ledger } = under
      const claimed = await acceptClaimed(ledger, aRequest())
      await append(ledger, claimed, 0, 'abc')
      const elsewhere = { run: undefined, offset: 0, limit: 10 }
      expect(await ledger.readPieces('default/other', claimed.id, elsewhere)).toBeUndefined()
    })
  })
}
