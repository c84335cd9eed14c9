import type { GatewayConfig } from '../config.ts'
import { DefinitionError } from '../control/definition-error.ts'
import { followStore } from '../control/follow-store.ts'
import { pausedHold } from '../control/paused-hold.ts'
import { DefinitionChanges } from '../control/definition-changes.ts'
import { Resources } from '../control/resources.ts'
import type { Reconciler } from '../control/reconciler.ts'
import type { Listener } from '../http/listen.ts'
import { storeAddress } from '../ledger/store-address.ts'
import { servedPipeline, type ServedPipeline } from '../pipeline/served-pipeline.ts'
import type { Logger } from '../telemetry/log.ts'
import { openAdminPlane } from './admin-plane.ts'
import { breakersNow } from './breaker-of.ts'
import { createControlParts, type ControlDeps, type ControlParts } from './control-parts.ts'
import { gatewayNotes } from './gateway-notes.ts'
import { stateChecks, type GatewayState } from './gateway-state.ts'
import { openStoreNow, wantsStore } from './open-store.ts'
import type { Servers } from './servers.ts'
import { tellUnready } from './step-runner.ts'

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

/**
 * The process of a gateway that has its definitions, its admin plane, its local steps and, if it is SQLite, its store.
 * It takes the requests itself, or has workers do so.
 */
export async function startHead(config: GatewayConfig, deps: ControlDeps): Promise<Gateway> {
  const { log } = deps
  await using opened = new AsyncDisposableStack()
  const control = opened.use(await createControlParts(config, deps))
  const { parts, reconciler, runner, servers, sources, store, traffic } = control
  const definitions = await reconciler.read()
  const state = { started: false, closing: false, url: '' }
  const admin = opened.use(await openAdmin(control, state))
  // Closed before the admin plane, which tells of a gateway that drains that it lives and is not ready.
  opened.use(store)
  opened.use(servers)
  // Stopped before the servers drain: a replica that drains leaves the entries of a shared stream to the others.
  opened.use(sources)
  opened.use(traffic)
  const storeName = await openStoreNow(config, wantsStore(config, definitions), store, log)
  const problems = await reconciler.begin()
  if (problems.length > 0 && !config.watch) throw new DefinitionError(problems.join('\n'))
  for (const problem of problems) log.warn({ fault: problem }, 'a definition is faulty and is not served')
  void store.whenOpened.then(() => servers.storeOpened())
  opened.use(runner.watch(key => moved(key, servers, reconciler)))
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
    pipelines: () => reconciler.served.filter(({ plan }) => plan.serves).map(({ plan }) => servedPipeline(plan, url)),
    inFlight: () => countInFlight(servers, reconciler),
    async readAgain() {
      parts.secrets.readAgain()
      servers.readAgain()
      await reread(reconciler, log)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** The admin plane of what is controlled here. */
function openAdmin(
  { parts: { config, metrics, secrets, log }, reconciler, runner, traffic, holds, servers, store }: ControlParts,
  state: Readonly<GatewayState & { url: string }>
): Promise<Listener> {
  const resources = new Resources({
    reconciler,
    standing: pipelines => servers.standing(pipelines),
    ledger: () => store.opened?.ledger,
    healthOf: runner.health,
    trafficOf: traffic.trafficOf,
    rolloutsOf: traffic.rollouts.statesOf,
    breakers: () => breakersNow(servers),
    url: () => state.url
  })
  return openAdminPlane(config, {
    store: () => store.use(),
    servedOf: pipeline => reconciler.servedOf(pipeline),
    holdOf: pipeline => pausedHold(reconciler.get(pipeline)) ?? holds.of(pipeline),
    breakers: servers.breakers,
    resources,
    rollouts: traffic.rollouts,
    changes: new DefinitionChanges({ reconciler, openStore: () => store.use(), environment: config.processEnv }),
    inFlight: servers.inFlight,
    metrics: servers.metrics,
    checks: [...stateChecks(state), ...servers.checks],
    shed: metrics.shed,
    secrets,
    notes: gatewayNotes({ reconciler, secrets, store, name: config.store }),
    log
  })
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

function moved(key: string, servers: Servers, reconciler: Reconciler): void {
  servers.located(key)
  reconciler.processChanged(key)
}
