import { waitFor } from '../delivery/wait.ts'
import type { LazyStore } from '../ledger/lazy-store.ts'
import type { Logger } from '../telemetry/log.ts'
import {
  createStoreGauges,
  type MeasuredStore,
  type StoreGauges,
  type StoreGaugesDeps,
  type StoreReading
} from './store-gauges.ts'

export interface WatchStoreDeps extends StoreGaugesDeps {
  readonly store: Pick<LazyStore<MeasuredStore & AsyncDisposable>, 'opened' | 'whenOpened'>
  /** This start of this process. */
  readonly owner: string
  readonly log: Logger
}

/**
 * How often the store is asked how much waits, in milliseconds; more often at first, when there is more and more to
 * show: the default store is opened by the first request that it is to keep.
 */
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

async function watch({ store, owner, log }: WatchStoreDeps, gauges: StoreGauges, signal: AbortSignal): Promise<void> {
  const opened = await Promise.race([store.whenOpened, aborted(signal)])
  if (opened === undefined) return
  const { ledger } = opened
  const tryLook = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act()
    } catch (thrown) {
      gauges.clear()
      log.debug({ err: thrown }, 'the store could not be measured')
    }
  }
  for (let delayMs = soonMs; !signal.aborted; delayMs = Math.min(everyMs, delayMs * 2)) {
    await tryLook(() => look(ledger, owner, gauges, log))
    await waitFor(delayMs, signal)
  }
  await tryLook(async () => {
    await ledger.elect(role, { owner, leaseMs: 0 })
  })
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve(undefined)))

type Measured = MeasuredStore['ledger']

async function look(ledger: Measured, owner: string, gauges: StoreGauges, log: Logger): Promise<void> {
  if (await ledger.elect(role, { owner, leaseMs })) gauges.show(await read(ledger, log))
  else gauges.clear()
}

async function read(ledger: Measured, log: Logger): Promise<StoreReading> {
  const pending: StoreReading['pending'][number][] = []
  const pipelines = await ledger.pipelines()
  for (let i = 0; i < pipelines.length; i += atOnce) {
    const some = pipelines.slice(i, i + atOnce)
    pending.push(...(await Promise.all(some.map(pipeline => readOne(ledger, pipeline)))))
  }
  for (const reading of pending) log.debug(reading, 'pending')
  return { pending }
}

async function readOne(ledger: Measured, pipeline: string): Promise<StoreReading['pending'][number]> {
  const [pending, deadLetters] = await Promise.all([ledger.pending(pipeline), ledger.deadLetters.count(pipeline)])
  return { pipeline, ...pending, deadLetters }
}
