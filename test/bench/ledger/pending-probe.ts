import { createServer } from 'node:http'
import { createHistogram } from 'node:perf_hooks'
import { createRequestId } from '../../../src/event/request-id.ts'
import type { Claimed } from '../../../src/ledger/work.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { openLedger } from '../../../src/ledger/open-ledger.ts'
import { aRequest, longLease, replied } from '../../helpers/ledger-requests.ts'
import { listenOnLoopback } from '../../helpers/loopback.ts'
import { silentLog } from '../../helpers/silent-log.ts'

/*
 * The process that is measured. Arguments: the store, how many requests go through it first, how many wait then. GET
 * /claims claims some, one at a time, and tells how long that took; GET /memory tells what the process has.
 */

export interface ClaimFigures {
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface MemoryFigures {
  readonly rssBytes: number
  readonly heapBytes: number
}

const claims = 500
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

/** Each that is claimed is settled, and another one accepted, so that as many wait as before. */
async function measureClaims(ledger: Ledger): Promise<ClaimFigures> {
  const claimUs = createHistogram()
  for (let i = 0; i < claims; i++) {
    const began = performance.now()
    const claimed = await claim(ledger, 1)
    claimUs.record(Math.max(1, Math.round((performance.now() - began) * 1000)))
    await settle(ledger, claimed)
    await accept(ledger, 1)
  }
  return { p50Ms: claimUs.percentile(50) / 1000, p99Ms: claimUs.percentile(99) / 1000 }
}

function measureMemory(): MemoryFigures {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed }
}

const [, , store = '', through, waiting] = process.argv
const ledger = await openLedger(store, silentLog)
for (let done = 0; done < Number(through); done += batch) {
  await accept(ledger, batch)
  await settle(ledger, await claim(ledger, batch))
}
await accept(ledger, Number(waiting))
const server = createServer((request, response) => {
  const figures = request.url === '/claims' ? measureClaims(ledger) : Promise.resolve(measureMemory())
  figures.then(
    found => response.end(JSON.stringify(found)),
    (error: unknown) => response.writeHead(500).end(String(error))
  )
})
console.log(`probe ready on http://127.0.0.1:${await listenOnLoopback(server)}`)
