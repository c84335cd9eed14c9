import { createHistogram } from 'node:perf_hooks'
import { createRequestId } from '../../../src/event/request-id.ts'
import type { Claimed, Ledger } from '../../../src/ledger/ledger.ts'
import { openLedger } from '../../../src/ledger/open-ledger.ts'
import { aRequest, longLease, replied } from '../../helpers/ledger-requests.ts'
import { silentLog } from '../../helpers/silent-log.ts'

/*
 * The process whose memory is measured. Arguments: the store, how many requests go through it first, how many wait then.
 */

export interface PendingFigures {
  readonly claimMs: number
  readonly claimP99Ms: number
  readonly rssBytes: number
  readonly heapBytes: number
}

const claims = 2_000
const batch = 500
/** More than ever wait. */
const maxQueued = 100_000_000
const pipeline = 'default/comments'

async function accept(ledger: Ledger, count: number): Promise<void> {
  for (let left = count; left > 0; left -= batch) {
    const requests = Array.from({ length: Math.min(batch, left) }, () =>
      aRequest({ id: createRequestId(), pipeline, maxQueued })
    )
    await ledger.accept(requests)
  }
}

async function claim(ledger: Ledger, limit: number): Promise<readonly Claimed[]> {
  const claimed = await ledger.claim(pipeline, limit, longLease)
  if (claimed.length < limit) throw new Error(`${claimed.length} requests were claimed in place of ${limit}`)
  return claimed
}

const settle = (ledger: Ledger, claimed: readonly Claimed[]): Promise<unknown> =>
  Promise.all(claimed.map(each => ledger.settle(each, replied)))

const [, , store = '', through, waiting] = process.argv
await using ledger = await openLedger(store, silentLog)
for (let done = 0; done < Number(through); done += batch) {
  await accept(ledger, batch)
  await settle(ledger, await claim(ledger, batch))
}
await accept(ledger, Number(waiting))

const claimUs = createHistogram()
for (let i = 0; i < claims; i++) {
  const began = performance.now()
  const claimed = await claim(ledger, 1)
  claimUs.record(Math.max(1, Math.round((performance.now() - began) * 1000)))
  await settle(ledger, claimed)
  await accept(ledger, 1)
}
globalThis.gc?.()
const { rss, heapUsed } = process.memoryUsage()
const figures: PendingFigures = {
  claimMs: claimUs.percentile(50) / 1000,
  claimP99Ms: claimUs.percentile(99) / 1000,
  rssBytes: rss,
  heapBytes: heapUsed
}
console.log(JSON.stringify(figures))
