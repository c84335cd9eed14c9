import type { GatewayConfig } from '../config.ts'
import { createNameResolver, type ResolveName } from '../delivery/names/resolve-name.ts'
import { SharedLookups } from '../delivery/names/shared-lookups.ts'
import type { ClientLimits } from '../http/listen.ts'
import type { Resolve } from '../pipeline/compile-scope.ts'
import { IdleHeap } from '../http/idle-heap.ts'
import { Secrets } from '../secrets/secrets.ts'
import type { ClusterParts } from './cluster-parts.ts'
import { createTracer } from '../telemetry/create-tracer.ts'
import type { Logger } from '../telemetry/log.ts'
import { createMetrics, type Metrics, type MetricSources } from '../telemetry/metrics.ts'
import type { Tracer } from '../telemetry/tracing.ts'

/** The parts that every process of a gateway has, whatever it does. */
export interface ProcessParts extends AsyncDisposable {
  readonly config: GatewayConfig
  readonly log: Logger
  readonly tracer: Tracer
  readonly metrics: Metrics
  readonly secrets: Secrets
  /** Knows the addresses of refs. */
  readonly resolve: Resolve
  /** Knows the addresses of names. */
  readonly lookups: SharedLookups
  readonly clientLimits: ClientLimits
  /** Where the metrics read what is only read when somebody asks; set by whoever has it. */
  readonly sources: { -readonly [Name in keyof MetricSources]: MetricSources[Name] }
}

export interface ProcessOverrides {
  readonly resolveName?: ResolveName
  readonly clientLimits?: ClientLimits
}

export async function createProcessParts(
  config: GatewayConfig,
  log: Logger,
  { resolve, values }: Pick<ClusterParts, 'resolve' | 'values'>,
  { resolveName = createNameResolver(), clientLimits = {} }: ProcessOverrides = {}
): Promise<ProcessParts> {
  await using opened = new AsyncDisposableStack()
  opened.use(new IdleHeap())
  const tracer = opened.use(await createTracer(config.tracing, log))
  const sources: ProcessParts['sources'] = {
    breakers: () => [],
    waitingCalls: () => [],
    heldCalls: () => [],
    serviceCalls: () => [],
    retryBudgets: () => []
  }
  const metrics = opened.use(
    createMetrics({
      breakers: () => sources.breakers(),
      waitingCalls: () => sources.waitingCalls(),
      heldCalls: () => sources.heldCalls(),
      serviceCalls: () => sources.serviceCalls(),
      retryBudgets: () => sources.retryBudgets()
    })
  )
  const owned = opened.move()
  const secrets = new Secrets(config.processEnv, values)
  const lookups = new SharedLookups(resolveName)
  const known = { config, log, tracer, metrics, secrets, resolve, lookups, clientLimits, sources }
  return { ...known, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
