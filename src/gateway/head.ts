import type { GatewayConfig } from '../config.ts'
import { compilePlans } from '../control/compile-plans.ts'
import { readDefinitions } from '../control/definitions.ts'
import type { Generations } from '../control/generations.ts'
import { NeededProcesses } from '../control/needed-processes.ts'
import { processesOf } from '../control/processes-of.ts'
import type { Served } from '../control/served.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { HeldPipelines } from '../mover/held-pipelines.ts'
import { LazyStore } from '../mover/lazy-store.ts'
import type { ProcessSpec } from '../pipeline/plan.ts'
import { servedPipeline, type ServedPipeline } from '../pipeline/served-pipeline.ts'
import type { Runner } from '../runner/runner.ts'
import type { Logger } from '../telemetry/log.ts'
import { openAdminPlane } from './admin-plane.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { gatewayNotes } from './gateway-notes.ts'
import { tellPlans } from './tell-plans.ts'
import { stateChecks } from './gateway-state.ts'
import { createLocalServer } from './local-server.ts'
import { openStoreNow } from './open-store.ts'
import { createProcessParts, type ProcessParts } from './process-parts.ts'
import type { Servers } from './servers.ts'
import { createStepRunner, tellUnready } from './step-runner.ts'

/** A running gateway. Disposing drains it: what is in flight finishes within the grace period. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` of the data plane. */
  readonly url: string
  /** `http://host:port` of the admin plane. */
  readonly adminUrl: string
  /** The guarantee of the store, in one line. */
  readonly store: string
  /** The pipelines that are served now, in the order of the definitions. */
  readonly pipelines: () => readonly ServedPipeline[]
  /** Reads files of tokens, keys, certificates and header values again, whether they look changed or not; ends nothing. */
  readonly readAgain: () => void
  /** How many requests run, of all processes. */
  readonly inFlight: () => Promise<number>
}

export interface HeadDeps {
  readonly leaseMs: number
  readonly decorate: (ledger: Ledger) => Ledger
  readonly log: Logger
}

/**
 * The process of a gateway that has its definitions, its admin plane, its local steps and, if it is SQLite, its store.
 * It takes the requests itself, or has workers do so.
 */
export async function startHead(config: GatewayConfig, { leaseMs, decorate, log }: HeadDeps): Promise<Gateway> {
  const plans = compilePlans(await readDefinitions(config.files), config)
  const served = new Map<string, Served>(
    plans.map(plan => [plan.pipeline, { plan, generation: 1, gate: 'open', cut: false }])
  )
  await using opened = new AsyncDisposableStack()
  const parts = opened.use(await createProcessParts(config, log))
  const runner = opened.use(createStepRunner(config, plans, log))
  const processes = new NeededProcesses(specs => runner.apply(specs))
  const holds = new HeldPipelines()
  const number = async (generations: Generations): Promise<void> => {
    const numbers = await generations.number(plans)
    plans.forEach((plan, i) => {
      const one = served.get(plan.pipeline)
      if (one !== undefined) served.set(plan.pipeline, { ...one, generation: numbers[i] ?? one.generation })
    })
    await servers.apply({ put: [...served.values()], removed: [] })
  }
  const store: LazyStore<ControlStore> = new LazyStore(
    () => openControlStore(parts, { servedOf: pipeline => served.get(pipeline), number, holds, leaseMs, decorate }),
    log
  )
  const servers = await createServers(parts, { served, runner, processes, holds, store, leaseMs })
  const state = { started: false, closing: false }
  const admin = opened.use(
    await openAdminPlane(config, {
      store: () => store.use(),
      firstStepOf: pipeline => served.get(pipeline)?.plan.flow[0]?.name,
      holdOf: pipeline => holds.of(pipeline),
      breakers: servers.breakers,
      inFlight: servers.inFlight,
      metrics: servers.metrics,
      checks: [...stateChecks(state), ...servers.checks],
      shed: parts.metrics.shed,
      secrets: parts.secrets,
      notes: gatewayNotes({ served, secrets: parts.secrets, store, name: config.store }),
      log
    })
  )
  // Closed before the admin plane, which tells of a gateway that drains that it lives and is not ready.
  opened.use(store)
  opened.use(servers)
  await servers.apply({ put: [...served.values()], removed: [] })
  const storeName = await openStoreNow(config, plans, store, log)
  void store.whenOpened.then(() => servers.storeOpened())
  opened.use(runner.watch(() => servers.located()))
  opened.defer(() => {
    state.closing = true
  })
  tellPlans(plans, parts)
  processes.set('served', plans.flatMap(processesOf))
  const url = await servers.start()
  await tellUnready(runner, log)
  state.started = true
  const owned = opened.move()
  const close = (): Promise<void> => owned.disposeAsync()
  return { adminUrl: admin.url, store: storeName, ...shown(url, served, servers, parts), [Symbol.asyncDispose]: close }
}

/** The gateway's view of the pipelines that it serves, and the way to have files read again. */
const shown = (
  url: string,
  served: ReadonlyMap<string, Served>,
  servers: Servers,
  { secrets }: Pick<ProcessParts, 'secrets'>
) => ({
  url,
  pipelines: () => [...served.values()].map(({ plan }) => servedPipeline(plan, url)),
  inFlight: () => countInFlight(servers, [...served.keys()]),
  readAgain() {
    secrets.readAgain()
    servers.readAgain()
  }
})

async function countInFlight(servers: Servers, pipelines: readonly string[]): Promise<number> {
  const standing = await servers.standing(pipelines)
  return standing.flatMap(({ inFlight }) => inFlight).reduce((sum, { count }) => sum + count, 0)
}

interface ServersDeps {
  readonly served: ReadonlyMap<string, Served>
  readonly runner: Runner
  readonly processes: NeededProcesses
  readonly holds: HeldPipelines
  readonly store: LazyStore<ControlStore>
  readonly leaseMs: number
}

async function createServers(
  parts: ProcessParts,
  { served, runner, processes, holds, store, leaseMs }: ServersDeps
): Promise<Servers> {
  if (parts.config.workers === 1) {
    const needProcesses = (specs: readonly ProcessSpec[]): void => processes.set('former', specs)
    const ledger = async () => (await store.use()).ledger
    return createLocalServer(parts, { locate: runner.locate, needProcesses, ledger, holds, leaseMs })
  }
  const { createWorkerServers } = await import('./worker-servers.ts')
  return createWorkerServers(parts, {
    runner,
    served: () => [...served.values()],
    storeOpen: () => store.opened !== undefined,
    openStore: async () => {
      const { host, ledger } = await store.use()
      return { host, durability: ledger.durability }
    },
    onHeld: (pipeline, ms, waiting) => holds.hold(pipeline, ms, waiting),
    onProcesses: (worker, specs) => processes.set(worker, specs),
    leaseMs
  })
}
