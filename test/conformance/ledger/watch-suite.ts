import { describe, expect, it } from 'vitest'
import type { Claimed } from '../../../src/ledger/work.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import {
  acceptClaimed,
  aDeadLetter,
  aCheckpoint,
  aRequest,
  cancelled,
  failed,
  filtered,
  longLease,
  readRecord,
  replied,
  shortLease
} from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const pipeline = 'default/comments'
const patience = (): AbortSignal => AbortSignal.timeout(15_000)

/** Waiting for a change, and being told about work. */
export function watchSuite(open: OpenLedger): void {
  describe('wait', () => {
    it('answers at once when the version is above already', async () => {
      await using under = await open()
      const { record } = await acceptClaimed(under.ledger, aRequest())
      expect(await under.ledger.wait(pipeline, record.id, record.version - 1, patience())).toEqual(record)
    })

    it('answers when the request is claimed, checkpointed, settled', async () => {
      await using under = await open()
      const request = aRequest()
      await under.ledger.accept([request])
      let version = (await statusAfter(under.ledger, request.id, 0)).version
      const claiming = statusAfter(under.ledger, request.id, version)
      const [claimed] = await under.ledger.claim(pipeline, 1, longLease)
      expect(await claiming).toMatchObject({ status: 'running' })
      version = (await claiming).version

      const moving = statusAfter(under.ledger, request.id, version)
      await under.ledger.checkpoint(claimed!, aCheckpoint())
      expect(await moving).toMatchObject({ status: 'running', steps: 1 })
      version = (await moving).version

      const ending = statusAfter(under.ledger, request.id, version)
      await under.ledger.settle(claimed!, replied)
      expect(await ending).toMatchObject({ status: 'replied' })
    })

    it('answers when the request is cancelled', async () => {
      await using under = await open()
      const { record } = await acceptClaimed(under.ledger, aRequest())
      const ending = statusAfter(under.ledger, record.id, record.version)
      await under.ledger.cancel(pipeline, record.id)
      expect(await ending).toMatchObject({ status: 'cancelled' })
    })

    it('answers the record as it is when the signal aborts', async () => {
      await using under = await open()
      const { record } = await acceptClaimed(under.ledger, aRequest())
      const abort = new AbortController()
      const waiting = under.ledger.wait(pipeline, record.id, record.version, abort.signal)
      abort.abort()
      expect(await waiting).toEqual(record)
      expect(await under.ledger.wait(pipeline, record.id, record.version, abort.signal)).toEqual(record)
    })

    it('answers from the moment that a request is accepted and claimed in one write', async () => {
      await using under = await open()
      const accept = () => acceptClaimed(under.ledger, aRequest())
      const [settled, moved, cancelled, left] = await Promise.all([accept(), accept(), accept(), accept()])
      const after = ({ id, record }: Claimed) => statusAfter(under.ledger, id, record.version)
      const changes = [settled, moved, cancelled].map(after)
      const leaving = under.ledger.wait(pipeline, left.id, left.record.version, AbortSignal.abort())
      await under.ledger.settle(settled, replied)
      await under.ledger.checkpoint(moved, aCheckpoint())
      await under.ledger.cancel(pipeline, cancelled.id)
      expect((await Promise.all(changes)).map(({ status }) => status)).toEqual(['replied', 'running', 'cancelled'])
      expect(await leaving).toEqual(left.record)
    })

    it.each([replied, filtered, cancelled, failed])('answers what is read after it was $status', async settlement => {
      await using under = await open()
      const { taken } = await acceptAndTakeOver(under.ledger)
      const waiting = await startWaiting(under.ledger, taken)
      await under.ledger.settle(taken, settlement)
      expect(await waiting.record).toEqual(await readRecord(under.ledger, taken))
    })

    it.each(['before', 'after'])('answers the one settlement, with one of a lost claim %s it', async place => {
      await using under = await open()
      const { lost, taken } = await acceptAndTakeOver(under.ledger)
      const waiting = await startWaiting(under.ledger, taken)
      const settle = [() => under.ledger.settle(lost, filtered), () => under.ledger.settle(taken, replied)]
      const order = place === 'before' ? settle : settle.toReversed()
      expect((await Promise.all(order.map(each => each()))).filter(Boolean)).toEqual([true])
      expect(await waiting.record).toEqual(await readRecord(under.ledger, taken))
      expect(await waiting.record).toMatchObject({ status: 'replied' })
    })

    it('answers the first of two settlements of one claim', async () => {
      await using under = await open()
      const { taken } = await acceptAndTakeOver(under.ledger)
      const waiting = await startWaiting(under.ledger, taken)
      const settled = [replied, filtered].map(settlement => under.ledger.settle(taken, settlement))
      expect(await Promise.all(settled)).toEqual([true, false])
      expect(await waiting.record).toEqual(await readRecord(under.ledger, taken))
      expect(await waiting.record).toMatchObject({ status: 'replied' })
    })

    it('answers nothing for a request that nobody knows', async () => {
      await using under = await open()
      expect(await under.ledger.wait(pipeline, 'no-such-request', 0, AbortSignal.abort())).toBeUndefined()
    })

    it('wakes every one of those who wait', async () => {
      await using under = await open()
      const claimed = await acceptClaimed(under.ledger, aRequest())
      const { id, version } = claimed.record
      const waiting = Array.from({ length: 20 }, () => statusAfter(under.ledger, id, version))
      await under.ledger.settle(claimed, replied)
      expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(20).fill('replied'))
    })
  })

  describe('watch', () => {
    it('tells of requests that were accepted, given back, replayed, or were held by the one before', async () => {
      await using under = await open()
      const told: string[] = []
      using watching = under.ledger.watch(name => told.push(name))
      expect(watching).toBeDefined()
      const toldOf = (name: string) => waitFor(() => told.splice(0).includes(name), { what: `to be told of ${name}` })

      await under.ledger.accept([aRequest({ pipeline: 'default/accepted' })])
      await toldOf('default/accepted')

      const given = await acceptClaimed(under.ledger, aRequest({ pipeline: 'default/given-back' }))
      told.length = 0
      await under.ledger.release(given, { delayMs: 0, spent: true })
      await toldOf('default/given-back')

      const first = await acceptClaimed(under.ledger, aRequest({ pipeline: 'default/held', orderKey: 'a' }))
      await under.ledger.accept([aRequest({ pipeline: 'default/held', orderKey: 'a' })])
      told.length = 0
      await under.ledger.settle(first, replied)
      await toldOf('default/held')

      const dead = await aDeadLetter(under.ledger, aRequest({ pipeline: 'default/replayed' }))
      told.length = 0
      await under.ledger.deadLetters.replay(dead, aRequest({ pipeline: 'default/replayed', replayOf: dead }))
      await toldOf('default/replayed')
    })

    it('tells nothing more when it is disposed', async () => {
      await using under = await open()
      const told: string[] = []
      const watching = under.ledger.watch(name => told.push(name))
      await under.ledger.accept([aRequest()])
      await waitFor(() => told.length > 0, { what: 'to be told' })
      watching[Symbol.dispose]()
      told.length = 0
      using other = watchOnce(under.ledger)
      await under.ledger.accept([aRequest()])
      await other.told
      expect(told).toEqual([])
    })
  })

  describe('claimable', () => {
    it('names the pipelines that have something to claim now', async () => {
      await using under = await open()
      expect(await under.ledger.claimable()).toEqual([])
      await under.ledger.accept([aRequest({ pipeline: 'default/ready' })])
      await acceptClaimed(under.ledger, aRequest({ pipeline: 'default/running' }))
      const delayed = await acceptClaimed(under.ledger, aRequest({ pipeline: 'default/delayed' }))
      await under.ledger.release(delayed, { delayMs: 3_600_000, spent: true })
      expect(await under.ledger.claimable()).toEqual(['default/ready'])
    })

    it('names a pipeline whose request is due, and one whose owner is dead', async () => {
      await using under = await open()
      const delayed = await acceptClaimed(under.ledger, aRequest({ pipeline: 'default/delayed' }))
      await under.ledger.release(delayed, { delayMs: 50, spent: true })
      await acceptClaimed(under.ledger, aRequest({ pipeline: 'default/orphaned' }), shortLease)
      const both = async (): Promise<boolean> => (await under.ledger.claimable()).length === 2
      await waitFor(both, { what: 'both to be claimable' })
      expect((await under.ledger.claimable()).toSorted()).toEqual(['default/delayed', 'default/orphaned'])
    })
  })
}

async function statusAfter(ledger: Ledger, id: string, above: number) {
  const record = await ledger.wait(pipeline, id, above, patience())
  if (record === undefined || record === 'expired') throw new Error(`expected a record, got ${record}`)
  expect(record.version).toBeGreaterThan(above)
  return { status: record.status, version: record.version, steps: record.steps.length }
}

function watchOnce(ledger: Ledger): Disposable & { readonly told: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const watching = ledger.watch(() => resolve())
  return { told: promise, [Symbol.dispose]: () => watching[Symbol.dispose]() }
}

/** A request with all that a record has, whose first claim is lost. */
async function acceptAndTakeOver(ledger: Ledger): Promise<{ readonly lost: Claimed; readonly taken: Claimed }> {
  const parts = { orderKey: 'a key', eventTime: 1_000, headers: ['a', 'b'], traceId: 'trace-1', priority: 9 }
  const lost = await acceptClaimed(ledger, aRequest(parts))
  await ledger.checkpoint(lost, aCheckpoint())
  await ledger.release(lost, { delayMs: 0, spent: true })
  const [taken] = await ledger.claim(pipeline, 1, longLease)
  if (taken === undefined) throw new Error('nothing to claim')
  return { lost, taken }
}

/** Resolves when the ledger has looked, and found nothing new. */
async function startWaiting(ledger: Ledger, { id, record }: Claimed) {
  const waiting = ledger.wait(pipeline, id, record.version, patience())
  await readRecord(ledger, { pipeline, id })
  return { record: waiting }
}
