import { describe, expect, it } from 'vitest'
import type { Accepted } from '../../../../src/ledger/acceptance.ts'
import type { Claimed } from '../../../../src/ledger/work.ts'
import { ledgerSuite } from '../../../conformance/ledger-suite.ts'
import { aRequest, longLease } from '../../../helpers/ledger-requests.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { connectGuest, hostLedger } from './hosted-ledger.ts'

/** All that is peculiar to a database in memory is on this way too. */
ledgerSuite('sqlite in memory, by way of another process', async () => {
  const hosted = await hostLedger()
  const guest = connectGuest(hosted)
  return {
    ledger: guest.ledger,
    [Symbol.asyncDispose]: async () => {
      await guest[Symbol.asyncDispose]()
      await hosted.ledger[Symbol.asyncDispose]()
    }
  }
})

/** A host, and two guests of it. */
async function startThree() {
  await using opened = new AsyncDisposableStack()
  const hosted = await hostLedger()
  opened.use(hosted.ledger)
  const first = opened.use(connectGuest(hosted))
  const second = opened.use(connectGuest(hosted))
  const owned = opened.move()
  return { host: hosted.ledger, first, second, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const claimOf = (accepted: Accepted | undefined): Claimed =>
  (accepted?.kind === 'accepted' ? accepted.claimed : undefined) ?? expect.fail('not claimed')

describe('processes that share a store', () => {
  it('are told of what the others accept', async () => {
    await using processes = await startThree()
    const { first, second, host } = processes
    const told: string[] = []
    using watches = new DisposableStack()
    watches.use(second.ledger.watch(pipeline => told.push(`second ${pipeline}`)))
    watches.use(host.watch(pipeline => told.push(`host ${pipeline}`)))
    const request = aRequest()
    await first.ledger.accept([request])
    await waitFor(() => told.length === 2, { what: 'both watchers' })
    expect(told.toSorted()).toEqual([`host ${request.pipeline}`, `second ${request.pipeline}`])
  })

  it('are woken by what the others do to a request that they wait for', async () => {
    await using processes = await startThree()
    const { first, second } = processes
    const request = aRequest()
    const [accepted] = await first.ledger.accept([request], longLease)
    const claim = claimOf(accepted)
    const { signal } = new AbortController()
    const waiting = second.ledger.wait(request.pipeline, request.id, claim.record.version, signal)
    await first.ledger.settle(claim, { status: 'filtered', step: 'filter', steps: [] })
    expect(await waiting).toMatchObject({ status: 'filtered' })
  })

  it('get at once what one of them had claimed that died, and it counts as a delivery', async () => {
    await using processes = await startThree()
    const { first, second } = processes
    const [claimedAtOnce, settled, claimedLater] = [aRequest(), aRequest(), aRequest()]
    const { pipeline } = claimedAtOnce
    const accepted = await first.ledger.accept([claimedAtOnce, settled], longLease)
    await first.ledger.accept([claimedLater])
    await first.ledger.claim(pipeline, 1, longLease)
    await first.ledger.settle(claimOf(accepted[1]), { status: 'filtered', step: 'filter', steps: [] })
    expect(await second.ledger.claim(pipeline, 10, longLease)).toEqual([])
    await first.die()
    const claims = await second.ledger.claim(pipeline, 10, longLease)
    expect(claims.map(({ id, record }) => ({ id, deliveries: record.deliveries }))).toEqual([
      { id: claimedAtOnce.id, deliveries: 2 },
      { id: claimedLater.id, deliveries: 2 }
    ])
  })

  it('leave alone what was claimed by another since', async () => {
    await using processes = await startThree()
    const { first, second } = processes
    const request = aRequest()
    const [accepted] = await first.ledger.accept([request], longLease)
    await first.ledger.release(claimOf(accepted), { delayMs: 0, spent: false })
    const [taken] = await second.ledger.claim(request.pipeline, 1, longLease)
    await first.die()
    expect(await second.ledger.renew([taken ?? expect.fail('not claimed')], 1000)).toEqual([])
  })
})
