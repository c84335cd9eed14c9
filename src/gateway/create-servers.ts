import type { NeededProcesses } from '../control/needed-processes.ts'
import type { Reconciler } from '../control/reconciler.ts'
import type { LazyStore } from '../ledger/lazy-store.ts'
import type { HeldPipelines } from '../mover/held-pipelines.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { Runner } from '../runner/runner.ts'
import type { ControlStore } from './control-store.ts'
import type { ClusterParts } from './cluster-parts.ts'
import { createLocalServer } from './local-server.ts'
import type { TrafficParts } from './traffic-parts.ts'
import type { ProcessParts } from './process-parts.ts'
import type { Servers } from './servers.ts'

export interface ServersDeps {
  readonly cluster: Pick<ClusterParts, 'lookUp' | 'shared' | 'services'>
  readonly reconciler: Reconciler
  readonly runner: Runner
  readonly processes: NeededProcesses
  readonly traffic: TrafficParts
  readonly holds: HeldPipelines
  readonly store: LazyStore<ControlStore>
  readonly leaseMs: number
}

/** This process takes the requests itself, or its workers do. */
export async function createServers(
  parts: ProcessParts,
  { cluster, reconciler, runner, processes, traffic, holds, store, leaseMs }: ServersDeps
): Promise<Servers> {
  if (parts.config.workers === 1) {
    const needProcesses = (specs: readonly ProcessSpec[]): void => processes.set('former', called(specs))
    const ledger = async () => (await store.use()).ledger
    return createLocalServer(parts, {
      ...traffic,
      ...cluster,
      processes: runner,
      needProcesses,
      ledger,
      holds,
      leaseMs
    })
  }
  const { createWorkerServers } = await import('./worker-servers.ts')
  return createWorkerServers(parts, {
    ...cluster,
    runner,
    served: () => reconciler.served,
    storeOpen: () => store.opened !== undefined,
    openStore: async () => {
      const { host, ledger } = await store.use()
      return { host, durability: ledger.durability }
    },
    onHeld: (pipeline, ms, waiting) => holds.hold(pipeline, ms, waiting),
    turns: traffic.turns,
    onAttempts: counts => traffic.attempts.add(counts),
    onProcesses: (worker, specs) => processes.set(worker, called(specs)),
    leaseMs
  })
}

/** Processes that are started when they are called. */
const called = (specs: readonly ProcessSpec[]) => specs.map(spec => ({ spec, proves: false }))
