import { createPipelineInstruments } from './pipeline-instruments.ts'
import type { PipelineMetrics } from './pipeline-metrics.ts'
import { PipelineSeries } from './pipeline-series.ts'
import { collectProcessMetrics } from './process-metrics.ts'
import { MetricRegistry } from './registry.ts'
import { version } from './version.ts'

/** Values that are read when somebody asks, not when they change. */
export interface MetricSources {
  readonly breakers: () => Iterable<{ readonly destination: string; readonly state: 'closed' | 'halfOpen' | 'open' }>
  readonly waitingCalls: () => Iterable<{ readonly destination: string; readonly waiting: number }>
  /** Calls that wait for the first process of a step. */
  readonly heldCalls: () => Iterable<{ readonly pipeline: string; readonly held: number }>
  /** The calls of Services that refs name; `held`: requests that wait for the first replica of a step, by its pipeline. */
  readonly serviceCalls: () => Iterable<{
    readonly service: string
    readonly calls: number
    readonly held: { readonly pipeline: string; readonly requests: number } | undefined
  }>
  /** From 0, spent, to 1, full. */
  readonly retryBudgets: () => Iterable<{ readonly origin: string; readonly ratio: number }>
}

/** The metrics of a gateway. Labels come from definitions only, never from requests. */
export interface Metrics extends Disposable {
  /** For the metrics of other rooms. */
  readonly registry: MetricRegistry
  /** The exposition, to be written piece by piece. */
  chunks(): Iterable<string>
  /** The series of one pipeline, bound once. */
  forPipeline(pipeline: string, steps: readonly string[]): PipelineMetrics
  /** Something was refused before it was accepted. */
  shed(reason: string): void
  /** A stored request of the pipeline failed for good; `reason` is a code of the closed list. */
  deadLettered(pipeline: string, reason: string): void
  /** How many stored requests of each pipeline wait, as one replica has read it; empty: another one shows it. */
  showQueued(queued: ReadonlyMap<string, number>): void
  /** A stored request was taken over from an owner that had fallen silent. */
  leaseExpired(): void
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new MetricRegistry()
  const instruments = createPipelineInstruments(registry)
  const shed = registry.counter({
    name: 'sluice_shed_total',
    help: 'Requests and connections that were refused before acceptance, by error code or CONNECTIONS',
    labelNames: ['reason']
  })
  const deadLetters = registry.counter({
    name: 'sluice_deadletters_total',
    help: 'Stored requests that failed for good on this replica, by error code',
    labelNames: ['pipeline', 'reason']
  })
  const expiredLeases = registry
    .counter({
      name: 'sluice_lease_expired_total',
      help: 'Stored requests that this replica took over because the claim of their owner had run out'
    })
    .labels()
  registry
    .gauge({
      name: 'sluice_build_info',
      help: 'Always 1; the labels say which version runs on which Node',
      labelNames: ['version', 'node'],
      across: 'max'
    })
    .labels(version, process.version)
    .set(1)
  collectStates(sources, registry)
  const showQueued = collectPending(sources, registry)
  const processMetrics = collectProcessMetrics(registry)
  return {
    registry,
    chunks: () => registry.chunks(),
    forPipeline: (pipeline, steps) => new PipelineSeries(instruments, pipeline, steps),
    shed: reason => shed.labels(reason).add(),
    deadLettered: (pipeline, reason) => deadLetters.labels(pipeline, reason).add(),
    showQueued,
    leaseExpired: () => expiredLeases.add(),
    [Symbol.dispose]: () => processMetrics[Symbol.dispose]()
  }
}

/** Each replica adds the calls that it holds to what one of them has read of the store. */
function collectPending({ heldCalls, serviceCalls }: MetricSources, registry: MetricRegistry): Metrics['showQueued'] {
  const pending = registry.gauge({
    name: 'sluice_pending',
    help: 'Stored requests that wait to run, and requests that are held for the first process or replica of a step',
    labelNames: ['pipeline'],
    across: 'sum'
  })
  let shown: ReadonlyMap<string, number> = new Map()
  registry.onCollect(() => {
    pending.clear()
    for (const [pipeline, queued] of shown) pending.labels(pipeline).set(queued)
    for (const { pipeline, held } of heldCalls()) pending.labels(pipeline).add(held)
    for (const { held } of serviceCalls()) {
      if (held !== undefined && held.requests > 0) pending.labels(held.pipeline).add(held.requests)
    }
  })
  return queued => void (shown = queued)
}

const stateValues = { closed: 0, halfOpen: 1, open: 2 } as const

function collectStates(sources: MetricSources, registry: MetricRegistry): void {
  const states = registry.gauge({
    name: 'sluice_breaker_state',
    help: 'Circuit breaker of a destination: 0 closed, 1 half-open, 2 open',
    labelNames: ['destination'],
    across: 'max'
  })
  const budgets = registry.gauge({
    name: 'sluice_retry_budget_ratio',
    help: 'Retry budget of an origin that is left: 1 full, 0 spent',
    labelNames: ['origin'],
    across: 'min'
  })
  const waiting = registry.gauge({
    name: 'sluice_waiting_calls',
    help: 'Calls that wait for a place, where concurrency.max limits those at once',
    labelNames: ['destination'],
    across: 'sum'
  })
  const services = registry.gauge({
    name: 'sluice_service_calls',
    help: 'Calls under way of a Kubernetes Service that a ref names, those that are held not among them',
    labelNames: ['service'],
    across: 'sum'
  })
  registry.onCollect(() => {
    states.clear()
    waiting.clear()
    budgets.clear()
    services.clear()
    for (const { destination, state } of sources.breakers()) states.labels(destination).set(stateValues[state])
    for (const { destination, waiting: count } of sources.waitingCalls()) waiting.labels(destination).add(count)
    for (const { service, calls } of sources.serviceCalls()) services.labels(service).set(calls)
    for (const { origin, ratio } of sources.retryBudgets()) budgets.labels(origin).set(ratio)
  })
}
