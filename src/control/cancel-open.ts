import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from '../ledger/ledger.ts'

const pageSize = 500
/** How often it is looked whether anything runs yet, in milliseconds, and how long that is waited for. */
const lookMs = 100
const patienceMs = 15_000

/**
 * Cancels what has not ended of a pipeline that is gone, of the requests that are meant; what another replica still runs
 * has its time to end.
 */
export async function cancelOpen(
  ledger: Pick<Ledger, 'list' | 'cancel' | 'pending'>,
  pipeline: string,
  isMeant: (id: string) => Promise<boolean>,
  signal: AbortSignal
): Promise<void> {
  const cancelAll = (status: 'accepted' | 'running') => cancelEach(ledger, pipeline, status, isMeant, signal)
  await cancelAll('accepted')
  const until = performance.now() + patienceMs
  while (performance.now() < until && (await ledger.pending(pipeline)).claimed > 0) {
    await sleep(lookMs, undefined, { signal })
  }
  await cancelAll('accepted')
  await cancelAll('running')
}

async function cancelEach(
  ledger: Pick<Ledger, 'list' | 'cancel'>,
  pipeline: string,
  status: 'accepted' | 'running',
  isMeant: (id: string) => Promise<boolean>,
  signal: AbortSignal
): Promise<void> {
  for (let after: string | undefined; ;) {
    signal.throwIfAborted()
    const page = await ledger.list({ pipeline, status, after, limit: pageSize })
    await Promise.all(page.map(async ({ id }) => (await isMeant(id)) && ledger.cancel(pipeline, id)))
    if (page.length < pageSize) return
    after = page.at(-1)?.id
  }
}
