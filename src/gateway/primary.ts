import { storeNotes, unservedNotes } from '../admin/store-notes.ts'
import type { GatewayConfig } from '../config.ts'
import { processesOf } from '../control/processes-of.ts'
import { findPort } from '../http/find-port.ts'
import { Holds } from '../mover/holds.ts'
import { Store } from '../mover/store.ts'
import type { Plan, ProcessSpec } from '../pipeline/plan.ts'
import type { DefinitionSource } from '../pipeline/validate/read-source.ts'
import type { Runner } from '../runner/runner.ts'
import { createTracer } from '../telemetry/create-tracer.ts'
import { exposition } from '../telemetry/exposition.ts'
import type { Logger } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { standardError } from '../telemetry/standard-error.ts'
import { Workers, type WorkersDeps } from '../workers/workers.ts'
import { openAdminPlane } from './admin-plane.ts'
import { stateChecks } from './gateway-state.ts'
import { openStoreNow } from './open-store.ts'
import { openPrimaryStore, type PrimaryStore } from './primary-store.ts'
import { createStepRunner, tellUnready } from './step-runner.ts'

export interface PrimaryDeps {
  readonly sources: readonly DefinitionSource[]
  /** What is in them. */
  readonly plans: readonly Plan[]
  readonly leaseMs: number
  readonly log: Logger
}

/**
 * The process behind several workers: it holds the admin plane, the local steps and, if it is SQLite, the store, and
 * starts again the workers that end. No request of the data plane passes through it.
 */
export async function startPrimary(config: GatewayConfig, { sources, plans, leaseMs, log }: PrimaryDeps) {
  await using opened = new AsyncDisposableStack()
  const runner = opened.use(createStepRunner(config, log))
  const tracer = opened.use(await createTracer(config.tracing, log))
  const metrics = opened.use(createMetrics({ breakers: () => [], retryBudgets: () => [] }))
  const served = new Map(plans.map(plan => [plan.pipeline, plan]))
  const holds = new Holds()
  const planOf = (pipeline: string) => served.get(pipeline)
  const store = new Store(() => openPrimaryStore(config, { plans, holds, metrics, tracer, leaseMs, log }), log)
  const listening = { ...config, port: await findPort(config.host, config.port) }
  const needed = new Map<object, readonly ProcessSpec[]>()
  const onProcesses = (worker: object, specs: readonly ProcessSpec[]): void => {
    needed.set(worker, specs)
    if (specs.length === 0) needed.delete(worker)
    runner.apply(uniqueProcesses([...plans.flatMap(processesOf), ...[...needed.values()].flat()]))
  }
  const workers = createWorkers(listening, { sources, runner, store, holds, onProcesses, leaseMs, log })
  const state = { started: false, closing: false }
  const admin = await openAdminPlane(config, {
    store: () => store.use(),
    firstStepOf: pipeline => planOf(pipeline)?.flow[0]?.name,
    holdOf: pipeline => holds.of(pipeline),
    breakers: () => workers.breakers(),
    inFlight: () => workers.inFlight(),
    metrics: async () => exposition(await workers.metrics(metrics.registry.snapshot())),
    checks: [...stateChecks(state), ...workers.checks],
    shed: metrics.shed,
    notes: () => [...storeNotes(store, config.store), ...unservedNotes(store.opened?.unserved)],
    log
  })
  opened.use(admin)
  opened.use(store)
  const storeName = await openStoreNow(config, plans, store, log)
  opened.use(workers)
  opened.use(runner.watch(() => workers.tell({ kind: 'located', located: runner.locations() })))
  opened.defer(() => {
    state.closing = true
  })

  runner.apply(plans.flatMap(processesOf))
  const url = await workers.start()
  await tellUnready(runner, log)
  state.started = true
  const owned = opened.move()
  return { url, adminUrl: admin.url, store: storeName, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Several workers may need the same. */
const uniqueProcesses = (specs: readonly ProcessSpec[]): readonly ProcessSpec[] => [
  ...new Map(specs.map(spec => [spec.key, spec])).values()
]

interface WorkersParts {
  readonly onProcesses: WorkersDeps['onProcesses']
  readonly sources: readonly DefinitionSource[]
  readonly runner: Runner
  readonly store: Store<PrimaryStore>
  readonly holds: Holds
  readonly leaseMs: number
  readonly log: Logger
}

/** What a worker may need beside the grace, in milliseconds. */
const endMs = 5_000

function createWorkers(
  config: GatewayConfig,
  { sources, runner, store, holds, onProcesses, leaseMs, log }: WorkersParts
): Workers {
  return new Workers({
    count: config.workers,
    start: () => ({
      // Local steps, which inherit the environment, are not started by workers.
      config: { ...config, processEnv: {} },
      leaseMs,
      definitions: sources,
      located: runner.locations(),
      storeOpen: store.opened !== undefined
    }),
    openStore: async () => (await store.use()).host,
    onHeld: (pipeline, ms, waiting) => holds.hold(pipeline, ms, waiting),
    onProcesses,
    output: standardError(),
    stopGraceMs: config.shutdownGraceMs + endMs,
    log
  })
}
