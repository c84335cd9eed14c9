import type { Metrics } from '../telemetry/metrics.ts'
import type { Logger } from '../telemetry/log.ts'
import type { StoredRequests } from './stored-requests.ts'

export interface StoreGaugesDeps {
  /** What is open; nothing is opened only to be measured. */
  readonly opened: () => StoredRequests | undefined
  readonly metrics: Metrics
  readonly log: Logger
}

/** How often the ledger is asked how much waits, in milliseconds. */
const everyMs = 5_000

const buffers = ['intake', 'processing', 'output'] as const

/** Keeps the gauges of stored requests up to date: how much waits, since when, and up to when all is settled. */
export function watchStore({ opened, metrics, log }: StoreGaugesDeps): Disposable {
  const gauges = createGauges(metrics)
  const look = async (): Promise<void> => {
    const stored = opened()
    if (stored === undefined) return
    const { ledger, mover } = stored
    gauges.durability.labels().set(ledger.durability.level)
    for (const buffer of buffers) gauges.buffer.labels(buffer).set(mover.inFlight.count(buffer))
    gauges.deadLetters.labels().set(await ledger.deadLetters.count(undefined))
    for (const pipeline of mover.pipelines) {
      const { queued, oldestAcceptedAt, leastEventTime } = await ledger.pending(pipeline)
      gauges.pending.labels(pipeline).set(queued)
      gauges.oldestAge.labels(pipeline).set(secondsSince(oldestAcceptedAt))
      gauges.watermarkLag.labels(pipeline).set(secondsSince(leastEventTime))
    }
  }
  const timer = setInterval(() => {
    look().catch((thrown: unknown) => log.debug({ err: thrown }, 'the store could not be measured'))
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Nothing waits: no age. */
const secondsSince = (ms: number | undefined): number => (ms === undefined ? 0 : Math.max(0, (Date.now() - ms) / 1000))

function createGauges({ registry }: Metrics) {
  // What is in the store is the same for all who look at it.
  const perPipeline = { labelNames: ['pipeline'], across: 'max' } as const
  return {
    pending: registry.gauge({ name: 'sluice_pending', help: 'Stored requests that wait', ...perPipeline }),
    oldestAge: registry.gauge({
      name: 'sluice_oldest_age_seconds',
      help: 'Age of the oldest stored request that is not settled',
      ...perPipeline
    }),
    watermarkLag: registry.gauge({
      name: 'sluice_watermark_lag_seconds',
      help: 'How far the event time up to which everything is settled lies back',
      ...perPipeline
    }),
    buffer: registry.gauge({
      name: 'sluice_buffer_usage',
      help: 'Stored requests in flight on this replica, by stage',
      labelNames: ['buffer'],
      across: 'sum'
    }),
    deadLetters: registry.gauge({ name: 'sluice_deadletters', help: 'Dead letters that are open', across: 'max' }),
    durability: registry.gauge({
      name: 'sluice_durability_level',
      help: 'What a 202 survives: 0 nothing, 1 what the server is set to, 2 a killed process, 3 power loss',
      across: 'max'
    })
  }
}
