import { waitFor } from '../delivery/wait.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Logger } from '../telemetry/log.ts'
import { createStoreGauges, type StoreGauges, type StoreGaugesDeps, type StoreReading } from './store-gauges.ts'

export interface WatchStoreDeps extends StoreGaugesDeps {
  /** This start of this process. */
  readonly owner: string
  readonly log: Logger
}

/** How often the store is asked how much waits, and how soon after it was opened, in milliseconds. */
const everyMs = 3_000
const soonMs = 250
/** The elected replica is late twice before another takes over. */
const leaseMs = 7_500
/** The elected replica reads; the others look whether it still does. */
const role = 'watch-store'
/** Pipelines that are asked about at once, so that nobody else waits long for the store. */
const atOnce = 100

/**
 * Keeps the gauges of the store up to date: how much waits, since when, and up to when all is settled. Of all replicas
 * one reads them, which the store elects; the others take over when it dies.
 */
export function watchStore(deps: WatchStoreDeps): AsyncDisposable {
  const gauges = createStoreGauges(deps)
  const stop = new AbortController()
  const watching = watch(deps, gauges, stop.signal)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watching
    }
  }
}

async function watch({ opened, owner, log }: WatchStoreDeps, gauges: StoreGauges, signal: AbortSignal): Promise<void> {
  const tryLook = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act()
    } catch (thrown) {
      gauges.clear()
      log.debug({ err: thrown }, 'the store could not be measured')
    }
  }
  let delayMs = soonMs
  while (await waitFor(delayMs, signal)) {
    const ledger = opened()?.ledger
    if (ledger === undefined) continue
    delayMs = everyMs
    await tryLook(() => look(ledger, owner, gauges, log))
  }
  await tryLook(async () => {
    await opened()?.ledger.elect(role, { owner, leaseMs: 0 })
  })
}

async function look(ledger: Ledger, owner: string, gauges: StoreGauges, log: Logger): Promise<void> {
  if (await ledger.elect(role, { owner, leaseMs })) gauges.show(await read(ledger, log))
  else gauges.clear()
}

async function read(ledger: Ledger, log: Logger): Promise<StoreReading> {
  const pending: StoreReading['pending'][number][] = []
  const pipelines = await ledger.pipelines()
  for (let i = 0; i < pipelines.length; i += atOnce) {
    const some = pipelines.slice(i, i + atOnce)
    pending.push(
      ...(await Promise.all(some.map(async pipeline => ({ pipeline, ...(await ledger.pending(pipeline)) }))))
    )
  }
  for (const reading of pending) log.debug(reading, 'pending')
  return { pending, deadLetters: await ledger.deadLetters.count(undefined) }
}
