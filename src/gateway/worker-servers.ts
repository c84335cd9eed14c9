import { findPort } from '../http/find-port.ts'
import type { Runner } from '../runner/runner.ts'
import { exposition } from '../telemetry/exposition.ts'
import { standardError } from '../telemetry/standard-error.ts'
import type { ServiceStates } from '../delivery/service-states.ts'
import { toldServed } from '../control/told-served.ts'
import { clusterSourcesOf } from '../pipeline/cluster-source.ts'
import type { SharedValues } from '../workers/shared-values.ts'
import { inOneTurn } from '../workers/in-one-turn.ts'
import { PermitLender } from '../workers/permit-lender.ts'
import { Workers, type WorkersDeps } from '../workers/workers.ts'
import type { Served } from '../control/served.ts'
import type { ProcessParts } from './process-parts.ts'
import type { Servers } from './servers.ts'

export interface WorkerServersDeps extends Pick<
  WorkersDeps,
  'onHeld' | 'onProcesses' | 'openStore' | 'turns' | 'onAttempts' | 'lookUp'
> {
  readonly runner: Runner
  /** All that is served now. */
  readonly served: () => readonly Served[]
  /** Values that all workers are told; `undefined`: there are none. */
  readonly shared: SharedValues | undefined
  /** Behind which Services of deployed steps nothing is ready. */
  readonly services: ServiceStates
  readonly storeOpen: () => boolean
  readonly leaseMs: number
}

/** The time that a worker may need beside the grace, in milliseconds. */
const endMs = 5_000

/** Several processes take the requests; those that end are started again. */
export async function createWorkerServers(
  { config, log, metrics }: ProcessParts,
  { runner, served, shared, services, storeOpen, leaseMs, ...deps }: WorkerServersDeps
): Promise<Servers> {
  const listening = { ...config, port: await findPort(config.host, config.port) }
  const workers = new Workers({
    count: config.workers,
    start: () => ({
      // A copy, since the environment itself cannot be sent.
      config: { ...listening, processEnv: { ...listening.processEnv } },
      leaseMs,
      served: served().map(toldServed),
      values: shared?.all(valuesOf(served())),
      services: services.all,
      located: runner.urls(),
      storeOpen: storeOpen()
    }),
    ...deps,
    processes: runner,
    permits: new PermitLender(),
    output: standardError(),
    stopGraceMs: config.shutdownGraceMs + endMs,
    log
  })
  shared?.connect(values => workers.tellValues(values))
  const tellServices = inOneTurn<string>(refs =>
    workers.tell({ kind: 'services', services: new Map(refs.map(ref => [ref, services.get(ref)])) })
  )
  services.watch(tellServices)
  return {
    start: () => workers.start(),
    async apply(changes) {
      // Each worker hears first of what they need.
      tellServices.now()
      await Promise.all([shared?.need(valuesOf(changes.put)), workers.apply(changes)])
    },
    standing: pipelines => workers.standing(pipelines),
    storeOpened: () => workers.tell({ kind: 'storeOpened' }),
    readAgain: () => workers.tell({ kind: 'readAgain' }),
    located: inOneTurn(keys =>
      workers.tell({ kind: 'located', located: new Map(keys.map(key => [key, runner.urlOf(key)])) })
    ),
    checks: workers.checks,
    breakers: () => workers.breakers(),
    inFlight: () => workers.inFlight(),
    metrics: async () => exposition(await workers.metrics(metrics.registry.snapshot())),
    [Symbol.asyncDispose]: () => workers[Symbol.asyncDispose]()
  }
}

const valuesOf = (served: readonly Served[]) => clusterSourcesOf(served.map(({ plan }) => plan))
