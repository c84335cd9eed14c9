import type { GatewayConfig } from '../config.ts'
import { DefinitionError } from '../control/definition-error.ts'
import { FileSource } from '../control/file-source.ts'
import { followStore } from '../control/follow-store.ts'
import { NeededProcesses } from '../control/needed-processes.ts'
import { pausedHold } from '../control/paused-hold.ts'
import { DefinitionChanges } from '../control/definition-changes.ts'
import { Resources } from '../control/resources.ts'
import { Reconciler } from '../control/reconciler.ts'
import { createRequestId } from '../event/request-id.ts'
import { storeAddress } from '../ledger/store-address.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { HeldPipelines } from '../mover/held-pipelines.ts'
import { LazyStore } from '../ledger/lazy-store.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'
import { servedPipeline, type ServedPipeline } from '../pipeline/served-pipeline.ts'
import type { Runner } from '../runner/runner.ts'
import type { Logger } from '../telemetry/log.ts'
import { openAdminPlane } from './admin-plane.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { followBacklogs } from './follow-backlogs.ts'
import { gatewayNotes } from './gateway-notes.ts'
import { breakersNow } from './breaker-of.ts'
import { createTellPlans } from './tell-plans.ts'
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
  /** How many requests run, of all processes. */
  readonly inFlight: () => Promise<number>
  /**
   * Reads definitions and files of tokens, keys, certificates and header values again, whether they look changed or not.
   * Ends nothing; what cannot be read stays as it was.
   */
  readonly readAgain: () => Promise<void>
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
// One list of what is opened, in the order in which it is closed.
// oxlint-disable-next-line max-lines-per-function
export async function startHead(config: GatewayConfig, { leaseMs, decorate, log }: HeadDeps): Promise<Gateway> {
  await using opened = new AsyncDisposableStack()
  const parts = opened.use(await createProcessParts(config, log))
  const runner = opened.use(createStepRunner(config, () => reconciler.served, log))
  const processes = new NeededProcesses(needed => runner.apply(needed))
  const holds = new HeldPipelines()
  const tellPlans = createTellPlans(parts)
  const store: LazyStore<ControlStore> = new LazyStore(
    () => openControlStore(parts, { reconciler, holds, leaseMs, decorate }),
    log
  )
  const reconciler: Reconciler = new Reconciler({
    sources: config.files.map(path => new FileSource(path, config.processEnv)),
    meaning: { resolve: config.resolve, environment: config.processEnv },
    serve: changes => {
      tellPlans(changes.put.map(({ plan }) => plan))
      return servers.apply(changes)
    },
    standing: pipelines => servers.standing(pipelines),
    needProcesses: (pipeline, needed, desiredPhase) => processes.set(pipeline, needed, desiredPhase),
    healthOf: runner.health,
    replica: createRequestId(),
    log
  })
  opened.use(reconciler)
  const servers = await createServers(parts, { reconciler, runner, processes, holds, store, leaseMs })
  // Here in case that the admin plane cannot be opened.
  opened.use(servers)
  const definitions = await reconciler.read()
  const state = { started: false, closing: false, url: '' }
  const resources = new Resources({
    reconciler,
    standing: pipelines => servers.standing(pipelines),
    ledger: () => store.opened?.ledger,
    healthOf: runner.health,
    breakers: () => breakersNow(servers),
    url: () => state.url
  })
  const admin = opened.use(
    await openAdminPlane(config, {
      store: () => store.use(),
      servedOf: pipeline => reconciler.servedOf(pipeline),
      holdOf: pipeline => pausedHold(reconciler, pipeline) ?? holds.of(pipeline),
      breakers: servers.breakers,
      resources,
      changes: new DefinitionChanges({ reconciler, openStore: () => store.use(), environment: config.processEnv }),
      inFlight: servers.inFlight,
      metrics: servers.metrics,
      checks: [...stateChecks(state), ...servers.checks],
      shed: parts.metrics.shed,
      secrets: parts.secrets,
      notes: gatewayNotes({ reconciler, secrets: parts.secrets, store, name: config.store }),
      log
    })
  )
  // Closed before the admin plane, which tells of a gateway that drains that it lives and is not ready.
  opened.use(store)
  opened.use(servers)
  const storeName = await openStoreNow(config, wantsStore(config, definitions), store, log)
  const problems = await reconciler.begin()
  if (problems.length > 0 && !config.watch) throw new DefinitionError(problems.join('\n'))
  void store.whenOpened.then(() => servers.storeOpened())
  opened.use(runner.watch(() => moved(servers, reconciler)))
  opened.use(followBacklogs({ runner, served: () => reconciler.served, ledger: () => store.opened?.ledger }))
  opened.defer(() => {
    state.closing = true
  })
  const url = (state.url = await servers.start())
  await tellUnready(runner, log)
  if (config.watch) reconciler.watchSources()
  if (!storeAddress(config.store).hosted) opened.use(followStore(reconciler, log))
  state.started = true
  const owned = opened.move()
  return {
    url,
    adminUrl: admin.url,
    store: storeName,
    pipelines: () => reconciler.served.map(({ plan }) => servedPipeline(plan, url)),
    inFlight: () => countInFlight(servers, reconciler),
    async readAgain() {
      parts.secrets.readAgain()
      servers.readAgain()
      await reread(reconciler, log)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

async function countInFlight(servers: Servers, reconciler: Reconciler): Promise<number> {
  const standing = await servers.standing(reconciler.served.map(({ plan }) => plan.pipeline))
  return standing.flatMap(({ inFlight }) => inFlight).reduce((sum, { count }) => sum + count, 0)
}

async function reread(reconciler: Reconciler, log: Logger): Promise<void> {
  try {
    await reconciler.reread()
    log.info({}, 'the definitions were read again')
  } catch (thrown) {
    log.error({ err: thrown }, 'the definitions could not be read again; they stay as they were')
  }
}

function moved(servers: Servers, reconciler: Reconciler): void {
  servers.located()
  reconciler.processChanged()
}

/** Whether the store is to be opened at start, though nobody named it: there is work for it, or it may know better. */
const wantsStore = ({ files }: GatewayConfig, definitions: readonly ServingPipeline[]): boolean =>
  files.length === 0 || definitions.some(({ spec }) => spec.reply !== undefined || spec.requests?.stored === true)

/** Processes that are started when they are called. */
const called = (specs: readonly ProcessSpec[]) => specs.map(spec => ({ spec, proves: false }))

interface ServersDeps {
  readonly reconciler: Reconciler
  readonly runner: Runner
  readonly processes: NeededProcesses
  readonly holds: HeldPipelines
  readonly store: LazyStore<ControlStore>
  readonly leaseMs: number
}

async function createServers(
  parts: ProcessParts,
  { reconciler, runner, processes, holds, store, leaseMs }: ServersDeps
): Promise<Servers> {
  if (parts.config.workers === 1) {
    const needProcesses = (specs: readonly ProcessSpec[]): void => processes.set('former', called(specs))
    const ledger = async () => (await store.use()).ledger
    return createLocalServer(parts, { processes: runner, needProcesses, ledger, holds, leaseMs })
  }
  const { createWorkerServers } = await import('./worker-servers.ts')
  return createWorkerServers(parts, {
    runner,
    served: () => reconciler.served,
    storeOpen: () => store.opened !== undefined,
    openStore: async () => {
      const { host, ledger } = await store.use()
      return { host, durability: ledger.durability }
    },
    onHeld: (pipeline, ms, waiting) => holds.hold(pipeline, ms, waiting),
    onProcesses: (worker, specs) => processes.set(worker, called(specs)),
    leaseMs
  })
}
