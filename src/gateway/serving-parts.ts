import type { GatewayConfig } from '../config.ts'
import type { Grace } from '../control/grace.ts'
import { Registry } from '../control/registry.ts'
import { createBreakers, type Breakers } from '../delivery/breakers.ts'
import { createDeadLetterSink } from '../delivery/dead-letter-sink.ts'
import { deliverTo, urlOf } from '../delivery/destination.ts'
import { createEgressCheck } from '../delivery/egress.ts'
import { createOrigins } from '../delivery/origins.ts'
import { BodyMemory } from '../event/body-memory.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Located } from '../runner/runner.ts'
import { createTracer } from '../telemetry/create-tracer.ts'
import type { Logger } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import type { Tracer } from '../telemetry/tracing.ts'

/** What a process needs to run requests. */
export interface ServingParts extends AsyncDisposable {
  readonly registry: Registry
  readonly breakers: Breakers
  readonly metrics: Metrics
  readonly tracer: Tracer
  readonly memory: BodyMemory
}

export interface ServingPartsDeps {
  readonly plans: readonly Plan[]
  /** Where a local step is. */
  readonly locate: (key: string) => Located
  readonly grace: Grace
  readonly log: Logger
}

/** Ties the plans to breakers, connections and metrics of this process. */
export async function createServingParts(
  config: GatewayConfig,
  { plans, locate: locateProcess, grace, log }: ServingPartsDeps
): Promise<ServingParts> {
  await using opened = new AsyncDisposableStack()
  const tracer = opened.use(await createTracer(config.tracing, log))
  const memory = new BodyMemory(config.bodyMemory, () => metrics.shed('OVERLOADED'))
  const origins = opened.use(createOrigins(createEgressCheck(config.egress), connectionsFor(plans), memory))
  const breakers = opened.use(createBreakers(log))
  const metrics = opened.use(createMetrics({ breakers: () => breakers.list(), retryBudgets: () => origins.budgets() }))
  const deadLetters = opened.use(createDeadLetterSink(log, grace.leftMs))
  const delivery = { origins, breakers, locateProcess }
  const registry = new Registry({
    deliverTo: (destination, options) => deliverTo(destination, options, delivery),
    urlOf: destination => urlOf(destination, delivery),
    deadLetters,
    metrics,
    log
  })
  for (const plan of plans) registry.put(plan)
  const owned = opened.move()
  return { registry, breakers, metrics, tracer, memory, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Connections to one origin, as Envoy gives a cluster. */
const usualConnections = 1024

/** All stored requests that a pipeline may have in flight must be able to call the same step at once. */
const connectionsFor = (plans: readonly Plan[]): number =>
  plans.reduce((most, { limits }) => Math.max(most, limits.maxInFlight), usualConnections)
