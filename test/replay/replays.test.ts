import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { startReplays } from '../../src/replay/replays.ts'
import { aFailure, failed, longLease } from '../helpers/ledger-requests.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { startProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { builtProgram } from '../programs/built-program.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { deadLetters, done, everything, nextMillisecond, replaysDeps, replayedIds } from './replays-under-test.ts'

const order = { filter: everything, from: 'step', rate: 10_000 } as const
const openLedger = () => openSqliteLedger({ path: ':memory:' })

describe('the replay of one dead letter', () => {
  it('is accepted once, however often it is asked for', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    const [id = ''] = await deadLetters(ledger, 1)
    const first = await replays.replay(id, 'step')
    const again = await replays.replay(id, 'start')
    expect([first?.repeated, again]).toEqual([false, { ...first, repeated: true }])
    expect(await replayedIds(ledger)).toEqual([id])
  })

  it('is not possible when there is none', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    expect(await replays.replay('no-such-request', 'step')).toBeUndefined()
  })

  it('is refused when nothing could run it', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    const [id = ''] = await deadLetters(ledger, 1, { pipeline: 'default/other' })
    await expect(replays.replay(id, 'step')).rejects.toMatchObject({ code: 'PIPELINE_NOT_FOUND' })
  })
})

describe('a bulk replay', () => {
  it('replays every dead letter once', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    const ids = await deadLetters(ledger, 250)
    const job = await done(replays, await replays.begin(order))
    expect(job).toMatchObject({ replayed: 250, skipped: 0, refused: 0, cursor: ids.at(-1) })
    expect(await replayedIds(ledger)).toEqual(ids)
  })

  it('takes what the filter lets through', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    await deadLetters(ledger, 2)
    const timeouts = await deadLetters(ledger, 2, {}, aFailure({ code: 'STEP_TIMEOUT' }))
    const job = await done(replays, await replays.begin({ ...order, filter: { ...everything, code: 'STEP_TIMEOUT' } }))
    expect([job.replayed, await replayedIds(ledger)]).toEqual([2, timeouts])
  })

  it('skips what has a replay, and tells what it cannot replay', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    const [first = ''] = await deadLetters(ledger, 3)
    await deadLetters(ledger, 1, { pipeline: 'default/other' })
    await replays.replay(first, 'step')
    await nextMillisecond()
    expect(await done(replays, await replays.begin(order))).toMatchObject({ replayed: 2, skipped: 1, refused: 1 })
  })

  it('leaves alone what fails after it began, its own replays above all', async () => {
    await using ledger = await openLedger()
    // Every replay has failed again before the next dead letter has its turn.
    const failures: Promise<unknown>[] = []
    const failAll = async (): Promise<void> => {
      const claims = await ledger.claim('default/comments', 10, longLease)
      await Promise.all(claims.map(claim => ledger.settle(claim, failed)))
    }
    const held = (): boolean => {
      failures.push(failAll())
      return false
    }
    await using replays = startReplays(replaysDeps(ledger, { held }))
    const ids = await deadLetters(ledger, 150)
    const job = await done(replays, await replays.begin(order))
    await Promise.all(failures)
    expect([job.replayed, await ledger.deadLetters.count(undefined)]).toEqual([ids.length, 2 * ids.length - 1])
  })

  it('keeps to its rate', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    await deadLetters(ledger, 60)
    const { startedAt, finishedAt = 0 } = await done(replays, await replays.begin({ ...order, rate: 100 }))
    // 100 ms may be caught up.
    expect(finishedAt - startedAt).toBeGreaterThanOrEqual(480)
  })

  it('is paused while requests of the pipeline are held', async () => {
    await using ledger = await openLedger()
    const breaker = { open: true }
    await using replays = startReplays(replaysDeps(ledger, { held: () => breaker.open }))
    const ids = await deadLetters(ledger, 3)
    const { id } = await replays.begin(order)
    await waitFor(async () => (await replays.find(id))?.status === 'paused', { what: 'the pause' })
    expect(await replayedIds(ledger)).toEqual([])
    breaker.open = false
    await done(replays, { id })
    expect(await replayedIds(ledger)).toEqual(ids)
  })

  it('waits for room in the queue', async () => {
    await using ledger = await openLedger()
    const plan = aPlan({ spec: { limits: { maxQueued: 2 } } })
    await using replays = startReplays(replaysDeps(ledger, { servedOf: () => ({ plan, generation: 1 }) }))
    const ids = await deadLetters(ledger, 3)
    const { id } = await replays.begin(order)
    await waitFor(async () => (await replays.find(id))?.status === 'paused', { what: 'the pause' })
    expect(await replayedIds(ledger)).toEqual(ids.slice(0, 2))
    await ledger.claim('default/comments', 2, longLease)
    expect(await done(replays, { id })).toMatchObject({ replayed: 3 })
  })

  it('goes on at once elsewhere when its replica ends', async () => {
    await using ledger = await openLedger()
    const ids = await deadLetters(ledger, 40)
    await using first = startReplays(replaysDeps(ledger, { owner: 'replica-1', leaseMs: 60_000 }))
    const { id } = await first.begin({ ...order, rate: 20 })
    await waitFor(async () => (await replayedIds(ledger)).length >= 3, { what: 'the first replays' })
    await first[Symbol.asyncDispose]()
    await using second = startReplays(replaysDeps(ledger, { owner: 'replica-2', leaseMs: 60_000 }))
    await done(second, { id })
    expect(await replayedIds(ledger)).toEqual(ids)
  })

  it('is run by one replica at a time', async () => {
    await using ledger = await openLedger()
    const ids = await deadLetters(ledger, 100)
    await using first = startReplays(replaysDeps(ledger, { owner: 'replica-1', leaseMs: 60_000 }))
    const { id } = await first.begin({ ...order, rate: 40 })
    // Its lease is over for this one at once, so it takes the job away.
    await using second = startReplays(replaysDeps(ledger, { owner: 'replica-2', leaseMs: 1 }))
    const job = await done(second, { id })
    expect([job.owner, await replayedIds(ledger)]).toEqual(['replica-2', ids])
  })

  it('goes on at once after a kill -9 where nobody else has the store, and replays nothing twice', async () => {
    await using folder = await createTempFolder()
    const path = join(folder.path, 'sluice.db')
    const letters = await openSqliteLedger({ path })
    const ids = await deadLetters(letters, 300)
    await letters[Symbol.asyncDispose]()

    const script = await builtProgram('test/replay/replay-until-killed.ts')
    await using replica = await startProcess(process.execPath, [script, path])
    const [, id = ''] = await replica.waitForLine(/^began (.+)$/)
    await replica.waitForLine(/^replayed (?:[1-9]\d)$/)
    replica.kill('SIGKILL')
    await replica.exit

    await using ledger = await openSqliteLedger({ path })
    const atKill = (await replayedIds(ledger)).length
    await using replays = startReplays(replaysDeps(ledger, { owner: 'replica-2', alone: true, leaseMs: 60_000 }))
    const job = await done(replays, { id })
    expect(atKill).toBeLessThan(300)
    expect([job.replayed, await replayedIds(ledger)]).toEqual([300, ids])
  })

  it('is known, with those before it, until a day after its end', async () => {
    await using ledger = await openLedger()
    await using replays = startReplays(replaysDeps(ledger))
    const old = await done(replays, await replays.begin(order))
    const finishedAt = Date.now() - 25 * 3_600_000
    await ledger.documents.put('replay', old.id, JSON.stringify({ ...old, finishedAt }))
    const job = await done(replays, await replays.begin(order))
    await waitFor(async () => (await replays.find(old.id)) === undefined, { what: 'the old job to be forgotten' })
    expect(await replays.list()).toEqual([job])
  })
})
