import { storeNotes, unservedNotes } from './admin/store-notes.ts'
import type { GatewayConfig } from './config.ts'
import { compilePlans } from './control/compile-plans.ts'
import { readDefinitions } from './control/definitions.ts'
import { Grace } from './control/grace.ts'
import { processesOf } from './control/processes-of.ts'
import { createRequestId } from './event/request-id.ts'
import { openAdminPlane } from './gateway/admin-plane.ts'
import { openDataPlane } from './gateway/data-plane.ts'
import { stateChecks } from './gateway/gateway-state.ts'
import { openStoreNow } from './gateway/open-store.ts'
import { createServingParts, type ServingParts } from './gateway/serving-parts.ts'
import { createStepRunner, tellUnready } from './gateway/step-runner.ts'
import { isHosted } from './ledger/is-hosted.ts'
import { knownDurability } from './ledger/known-durability.ts'
import type { Ledger } from './ledger/ledger.ts'
import { openLedger } from './ledger/open-ledger.ts'
import { Holds } from './mover/holds.ts'
import { inFlightStates } from './mover/in-flight-states.ts'
import { startMover } from './mover/mover.ts'
import { startReplays } from './replay/replays.ts'
import { Store } from './mover/store.ts'
import { watchUnserved } from './mover/unserved.ts'
import { watchStore } from './mover/watch-store.ts'
import { generationsIn, openGenerations } from './gateway/open-generations.ts'
import { sweepGenerations } from './control/sweep-generations.ts'
import type { Plan, ProcessSpec } from './pipeline/plan.ts'
import { createLogger, type Logger } from './telemetry/log.ts'

/** A running gateway. Disposing drains it: what is in flight finishes within the grace period. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` of the data plane. */
  readonly url: string
  /** `http://host:port` of the admin plane. */
  readonly adminUrl: string
  /** What the store guarantees, in one line. */
  readonly store: string
}

/** No settings, since all gateways on a store go by the same; tests have less time, and ledgers that fail. */
interface StoreOverrides {
  /** Claims last this long, in milliseconds, and are renewed while their owner lives. */
  readonly leaseMs?: number
  /** What works on the ledger, without workers, sees this in its place. */
  readonly decorate?: (ledger: Ledger) => Ledger
}

/**
 * Wires everything and serves. Resolves when local step processes are ready, or failed to be: those are named in the
 * log, and the other pipelines are served. Throws DefinitionError, or what listening throws (EADDRINUSE).
 */
export async function startGateway(
  config: GatewayConfig,
  { leaseMs = 10_000, decorate = ledger => ledger }: StoreOverrides = {}
): Promise<Gateway> {
  const log = createLogger(config.logLevel)
  const sources = await readDefinitions(config.files)
  const plans = compilePlans(sources, config)
  if (config.workers === 1) return startSingle(config, { plans, leaseMs, decorate, log })
  const { startPrimary } = await import('./gateway/primary.ts')
  return startPrimary(config, { sources, plans, leaseMs, log })
}

interface SingleDeps {
  readonly plans: readonly Plan[]
  readonly leaseMs: number
  readonly decorate: (ledger: Ledger) => Ledger
  readonly log: Logger
}

/** All in this process. */
async function startSingle(config: GatewayConfig, { plans, leaseMs, decorate, log }: SingleDeps): Promise<Gateway> {
  await using opened = new AsyncDisposableStack()
  const runner = opened.use(createStepRunner(config, log))
  const grace = new Grace(config.shutdownGraceMs)
  const { locate } = runner
  const parts = opened.use(await createServingParts(config, { plans, locate, grace, log }))
  const state = { started: false, closing: false }
  const owner = createRequestId()
  const { metrics } = parts
  const holds = new Holds()
  let former: readonly ProcessSpec[] = []
  const applyProcesses = () => runner.apply([...plans.flatMap(processesOf), ...former])
  const onProcesses = (specs: readonly ProcessSpec[]) => {
    former = specs
    applyProcesses()
  }
  const store = new Store(
    () => openStore(config, { parts, owner, leaseMs, decorate, holds, onProcesses, grace, log }),
    log
  )
  const admin = await openAdminPlane(config, {
    store: () => store.use(),
    firstStepOf: parts.registry.firstStepOf,
    holdOf: pipeline => holds.of(pipeline),
    breakers: () => parts.breakers.list(),
    inFlight: () => inFlightStates(store.opened?.mover.inFlight),
    metrics: () => metrics.chunks(),
    checks: stateChecks(state),
    shed: metrics.shed,
    notes: () => [...storeNotes(store, config.store), ...unservedNotes(store.opened?.unserved)],
    log
  })
  opened.use(admin)
  // Closed before the admin plane, which tells of a gateway that drains that it lives and is not ready.
  opened.use(store)
  const durability = knownDurability(config.store)
  opened.use(watchStore({ store, durability, owner, metrics, log }))
  const storeName = await openStoreNow(config, plans, store, log)
  const data = opened.use(
    await openDataPlane(config, {
      parts,
      store,
      shared: false,
      holds,
      closing: () => state.closing,
      cancelled: (pipeline, id) => store.opened?.mover.inFlight.cancel(pipeline, id),
      log
    })
  )
  opened.defer(() => {
    state.closing = true
    grace.begin()
    store.opened?.mover.stopIntake()
  })

  applyProcesses()
  await tellUnready(runner, log)
  state.started = true
  const owned = opened.move()
  return { url: data.url, adminUrl: admin.url, store: storeName, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

interface StoreDeps {
  readonly parts: ServingParts
  /** This start of this process. */
  readonly owner: string
  readonly leaseMs: number
  readonly decorate: (ledger: Ledger) => Ledger
  readonly holds: Holds
  /** Told of processes that former generations need. */
  readonly onProcesses: (specs: readonly ProcessSpec[]) => void
  readonly grace: Grace
  readonly log: Logger
}

/** The ledger with all that works on it. */
async function openStore(
  config: GatewayConfig,
  { parts, owner, leaseMs, decorate, holds, onProcesses, grace, log }: StoreDeps
) {
  await using opened = new AsyncDisposableStack()
  const ledger = opened.use(decorate(await openLedger(config.store, log, config.durability)))
  const { registry, tracer, metrics, memory } = parts
  const generations = opened.use(await openGenerations(config, { ledger, registry, onProcesses, log }))
  const deps = { ledger, tracer, log, owner, leaseMs }
  const find = (pipeline: string) => registry.get(pipeline)
  const mover = opened.use(
    startMover({ ...deps, ...generations, find, holds, metrics, memory, graceLeftMs: grace.leftMs })
  )
  const held = (pipeline: string) => holds.held(pipeline)
  const replays = opened.use(startReplays({ ...deps, servedOf: find, held, alone: isHosted(config.store) }))
  const isServed = (pipeline: string) => find(pipeline) !== undefined
  opened.use(sweepGenerations(generationsIn(config, ledger), pipeline => find(pipeline)?.generation, log))
  const unserved = opened.use(watchUnserved({ ledger, isServed, metrics, owner, log }))
  const owned = opened.move()
  return { ledger, mover, replays, unserved, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
