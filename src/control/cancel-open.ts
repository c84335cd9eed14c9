import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from '../ledger/ledger.ts'

const pageSize = 500
/** How often it is looked whether any of them runs yet, in milliseconds, and how long that is waited for. */
const lookMs = 100
const patienceMs = 15_000

type Listed = Pick<Ledger, 'list' | 'cancel'>

/**
 * Cancels the requests of a pipeline that is gone which are open now, of those that are meant; what another replica still
 * runs has its time to end. A pipeline of this name that comes meanwhile keeps what it accepts.
 */
export async function cancelOpen(
  ledger: Listed,
  pipeline: string,
  isMeant: (id: string) => Promise<boolean>,
  signal: AbortSignal
): Promise<void> {
  const meant = new Set<string>()
  // One that is put back or claimed while this looks is in the list before, or behind.
  for (const status of ['accepted', 'running', 'accepted'] as const) {
    for await (const id of idsOf(ledger, pipeline, status, signal)) if (await isMeant(id)) meant.add(id)
  }
  let running = await runningOf(ledger, pipeline, meant, signal)
  await cancelAll(ledger, pipeline, new Set([...meant].filter(id => !running.has(id))), signal)
  const until = performance.now() + patienceMs
  while (running.size > 0 && performance.now() < until) {
    await sleep(lookMs, undefined, { signal })
    running = await runningOf(ledger, pipeline, meant, signal)
  }
  await cancelAll(ledger, pipeline, meant, signal)
}

async function runningOf(
  ledger: Listed,
  pipeline: string,
  meant: ReadonlySet<string>,
  signal: AbortSignal
): Promise<Set<string>> {
  const running = new Set<string>()
  for await (const id of idsOf(ledger, pipeline, 'running', signal)) if (meant.has(id)) running.add(id)
  return running
}

async function* idsOf(
  ledger: Listed,
  pipeline: string,
  status: 'accepted' | 'running',
  signal: AbortSignal
): AsyncGenerator<string, void> {
  for (let after: string | undefined; ;) {
    signal.throwIfAborted()
    const page = await ledger.list({ pipeline, status, after, limit: pageSize })
    for (const { id } of page) yield id
    if (page.length < pageSize) return
    after = page.at(-1)?.id
  }
}

/** Those that have ended meanwhile stay as they are. */
async function cancelAll(
  ledger: Listed,
  pipeline: string,
  ids: ReadonlySet<string>,
  signal: AbortSignal
): Promise<void> {
  const left = [...ids]
  while (left.length > 0) {
    signal.throwIfAborted()
    await Promise.all(left.splice(0, pageSize).map(id => ledger.cancel(pipeline, id)))
  }
}
