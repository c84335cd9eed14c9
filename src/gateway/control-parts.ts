import type { GatewayConfig } from '../config.ts'
import { FileSource } from '../control/file-source.ts'
import { NeededProcesses } from '../control/needed-processes.ts'
import { Reconciler } from '../control/reconciler.ts'
import type { Surroundings } from '../control/surroundings.ts'
import { createRequestId } from '../event/request-id.ts'
import { LazyStore } from '../ledger/lazy-store.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { HeldPipelines } from '../mover/held-pipelines.ts'
import type { Runner } from '../runner/runner.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Sources } from '../sources/sources.ts'
import { refsOf } from '../pipeline/refs-of.ts'
import { clusterSourcesOf } from '../pipeline/cluster-source.ts'
import { createClusterParts } from './cluster-parts.ts'
import type { ControlStore } from './control-store.ts'
import { createSources } from './create-sources.ts'
import { createServers } from './create-servers.ts'
import { followBacklogs } from './follow-backlogs.ts'
import { keepLoads } from './keep-loads.ts'
import { createProcessParts, type ProcessOverrides, type ProcessParts } from './process-parts.ts'
import type { Servers } from './servers.ts'
import { missingHeaders } from '../secrets/header-values.ts'
import { createStepRunner } from './step-runner.ts'
import { createTellPlans } from './tell-plans.ts'
import { createTrafficParts, type TrafficParts } from './traffic-parts.ts'

/** The parts that control a gateway, and know each other. */
export interface ControlParts extends AsyncDisposable {
  readonly parts: ProcessParts
  readonly runner: Runner
  readonly traffic: TrafficParts
  readonly holds: HeldPipelines
  readonly store: LazyStore<ControlStore>
  readonly sources: Sources
  readonly reconciler: Reconciler
  readonly servers: Servers
}

export interface ControlDeps {
  readonly leaseMs: number
  readonly decorate: (ledger: Ledger) => Ledger
  readonly overrides: ProcessOverrides
  readonly log: Logger
}

/** Nothing is read, served or opened yet. */
export async function createControlParts(
  config: GatewayConfig,
  { leaseMs, decorate, overrides, log }: ControlDeps
): Promise<ControlParts> {
  await using opened = new AsyncDisposableStack()
  const allPlans = () => reconciler.entries.flatMap(({ generations }) => generations.map(({ plan }) => plan))
  const cluster = opened.use(
    await createClusterParts(config, {
      onAddresses: () => reconciler.addressesChanged(),
      onValues: () => reconciler.valuesChanged(),
      wantedRefs: () => refsOf(allPlans()),
      wantedValues: () => clusterSourcesOf(allPlans()),
      log
    })
  )
  const parts = opened.use(await createProcessParts(config, log, cluster, overrides))
  const runner = opened.use(createStepRunner(config, allPlans, log))
  parts.sources.heldCalls = () => runner.heldForFirst()
  const processes = new NeededProcesses(needed => runner.apply(needed))
  const holds = new HeldPipelines()
  const tellPlans = createTellPlans(parts)
  const store: LazyStore<ControlStore> = new LazyStore(async () => {
    // Loaded with the store, since a gateway that stores nothing starts without.
    const { openControlStore } = await import('./control-store.ts')
    return openControlStore(parts, { reconciler, holds, leaseMs, decorate })
  }, log)
  const replica = createRequestId()
  const sources = createSources(parts, { ledger: async () => (await store.use()).ledger, owner: replica })
  const documents = () => store.opened?.ledger.documents
  opened.use(keepLoads({ runner, documents, log }))
  const backlogs = opened.use(followBacklogs({ runner, ledger: () => store.opened?.ledger }))
  const traffic = createTrafficParts({
    openDocuments: async () => (await store.use()).ledger.documents,
    documents,
    replica,
    onChanged: () => reconciler.surroundingsChanged(),
    log
  })
  const reconciler: Reconciler = new Reconciler({
    sources: [...config.files.map(path => new FileSource(path, config.processEnv)), ...cluster.sources],
    meaning: { resolve: cluster.resolve, environment: config.processEnv },
    serve: changes => {
      tellPlans(changes.put.map(({ plan }) => plan))
      for (const follower of [traffic, backlogs, sources]) follower.apply(changes)
      return servers.apply(changes)
    },
    standing: pipelines => servers.standing(pipelines),
    needProcesses: (pipeline, needed, desiredPhase) => processes.set(pipeline, needed, desiredPhase),
    surroundings: surroundingsOf({ parts, runner, traffic, store }),
    replica,
    log
  })
  opened.use(reconciler)
  opened.use(traffic)
  const known = { parts, runner, traffic, holds, store, sources, reconciler }
  const servers = await createServers(parts, { ...known, cluster, processes, leaseMs })
  // Here in case that the admin plane cannot be opened.
  opened.use(servers)
  const owned = opened.move()
  return { ...known, servers, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** All that phases and conditions depend on beside the definitions. */
const surroundingsOf = ({
  parts: { secrets },
  runner,
  traffic,
  store
}: Pick<ControlParts, 'parts' | 'runner' | 'traffic' | 'store'>): Surroundings => ({
  healthOf: runner.health,
  missingHeaders: ({ headers }) => (headers.length === 0 ? [] : missingHeaders(headers, secrets)),
  rolloutsOf: traffic.rollouts.statesOf,
  durability: () => store.opened?.ledger.durability
})
