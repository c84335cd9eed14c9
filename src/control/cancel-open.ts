import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from '../ledger/ledger.ts'

const pageSize = 500
/** How often it is looked whether anything runs yet, in milliseconds, and how long that is waited for. */
const lookMs = 100
const patienceMs = 15_000

/** Cancels what has not ended of a pipeline that is gone; what another replica still runs has its time to end. */
export async function cancelOpen(
  ledger: Pick<Ledger, 'list' | 'cancel' | 'pending'>,
  pipeline: string,
  signal: AbortSignal
): Promise<void> {
  await cancelAll(ledger, pipeline, 'accepted', signal)
  const until = performance.now() + patienceMs
  while (performance.now() < until && (await ledger.pending(pipeline)).claimed > 0) {
    await sleep(lookMs, undefined, { signal })
  }
  await cancelAll(ledger, pipeline, 'accepted', signal)
  await cancelAll(ledger, pipeline, 'running', signal)
}

async function cancelAll(
  ledger: Pick<Ledger, 'list' | 'cancel'>,
  pipeline: string,
  status: 'accepted' | 'running',
  signal: AbortSignal
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const page = await ledger.list({ pipeline, status, after: undefined, limit: pageSize })
    const ended = await Promise.all(page.map(({ id }) => ledger.cancel(pipeline, id)))
    if (!ended.includes('cancelled')) return
  }
}
