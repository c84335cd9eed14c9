import type { DeadLetters } from '../ledger/dead-letters.ts'
import type { Durability } from '../ledger/durability.ts'
import type { Gauges, Pending } from '../ledger/gauges.ts'
import type { Roles } from '../ledger/roles.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Mover } from './mover.ts'

/** The open store, as far as it is measured. */
export interface MeasuredStore {
  readonly ledger: Gauges &
    Roles & { readonly durability: Durability; readonly deadLetters: Pick<DeadLetters, 'count'> }
  readonly mover: Pick<Mover, 'used'>
}

export interface StoreReading {
  readonly pending: readonly (Pending & { readonly pipeline: string; readonly deadLetters: number })[]
}

/** The gauges of what is in the store, which is the same for all replicas: only one of them shows it. */
export interface StoreGauges {
  show(reading: StoreReading): void
  /** Shows nothing: another replica does. */
  clear(): void
}

const buffers = ['intake', 'processing', 'output'] as const

export interface StoreGaugesDeps {
  readonly metrics: Metrics
  /** The open store; none is opened only to be measured. */
  readonly store: { readonly opened: MeasuredStore | undefined }
  /** The guarantee of the store, as far as that is known before it is open. */
  readonly durability: Durability | undefined
}

/** Registers the gauges of stored requests; those of this replica itself are read when somebody asks. */
export function createStoreGauges({ metrics, store, durability: known }: StoreGaugesDeps): StoreGauges {
  const { registry } = metrics
  const buffer = registry.gauge({
    name: 'sluice_buffer_usage',
    help: 'Stored requests in flight on this replica, by stage',
    labelNames: ['buffer'],
    across: 'sum'
  })
  const durability = registry.gauge({
    name: 'sluice_durability_level',
    help: 'What a 202 survives: 0 nothing, 1 what the server is set to, 2 a killed process, 3 power loss',
    across: 'max'
  })
  registry.onCollect(() => {
    const stored = store.opened
    const { level } = stored?.ledger.durability ?? known ?? {}
    if (level !== undefined) durability.labels().set(level)
    for (const name of buffers) buffer.labels(name).set(stored?.mover.used(name) ?? 0)
  })
  return createSharedGauges(metrics)
}

function createSharedGauges({ registry, showQueued }: Pick<Metrics, 'registry' | 'showQueued'>): StoreGauges {
  // Shown by one process at a time.
  const across = 'max'
  const perPipeline = (name: string, help: string) => registry.gauge({ name, help, labelNames: ['pipeline'], across })
  const deadLetters = perPipeline('sluice_deadletters', 'Dead letters that wait for a replay or a purge')
  const oldestAge = perPipeline('sluice_oldest_age_seconds', 'Age of the oldest stored request that is not settled')
  const watermarkLag = perPipeline(
    'sluice_watermark_lag_seconds',
    'How far back the event time lies up to which everything is settled'
  )
  const clear = (): void => {
    for (const family of [deadLetters, oldestAge, watermarkLag]) family.clear()
    showQueued(new Map())
  }
  return {
    clear,
    show(reading) {
      clear()
      showQueued(new Map(reading.pending.map(({ pipeline, queued }) => [pipeline, queued])))
      for (const { pipeline, ...pending } of reading.pending) {
        deadLetters.labels(pipeline).set(pending.deadLetters)
        oldestAge.labels(pipeline).set(secondsSince(pending.oldestAcceptedAt))
        watermarkLag.labels(pipeline).set(secondsSince(pending.leastEventTime))
      }
    }
  }
}

/** Nothing waits: no age. */
const secondsSince = (ms: number | undefined): number => (ms === undefined ? 0 : Math.max(0, (Date.now() - ms) / 1000))
