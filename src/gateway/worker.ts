import { compilePlans } from '../control/compile-plans.ts'
import { Grace } from '../control/grace.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isHosted } from '../ledger/is-hosted.ts'
import { knownDurability } from '../ledger/known-durability.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { connectSqliteLedger } from '../ledger/sqlite/hosting/connect-sqlite-ledger.ts'
import { Holds } from '../mover/holds.ts'
import { inFlightStates } from '../mover/in-flight-states.ts'
import { startMover } from '../mover/mover.ts'
import { Store } from '../mover/store.ts'
import { watchStore } from '../mover/watch-store.ts'
import { createLogger, type Logger } from '../telemetry/log.ts'
import type { WorkerStart } from '../workers/message.ts'
import type { PrimaryLink } from '../workers/primary-link.ts'
import { openDataPlane } from './data-plane.ts'
import { openGenerations } from './open-generations.ts'
import { createServingParts, type ServingParts } from './serving-parts.ts'

/** One of several processes that take requests on the port of the data plane. Disposing drains it. */
export async function startWorker(start: WorkerStart, link: PrimaryLink): Promise<AsyncDisposable> {
  const { no, config, definitions, storeOpen } = start
  await using opened = new AsyncDisposableStack()
  const log = createLogger(config.logLevel, { worker: no })
  const plans = compilePlans(definitions, config)
  const grace = new Grace(config.shutdownGraceMs)
  const parts = opened.use(await createServingParts(config, { plans, locate: link.locate, grace, log }))
  const { metrics, breakers } = parts
  const owner = createRequestId()
  const holds = new Holds()
  const store = opened.use(new Store(() => openStore(start, { parts, owner, link, holds, grace, log }), log))
  const durability = knownDurability(config.store)
  opened.use(watchStore({ store, durability, owner, metrics, log }))
  link.onCancelled((pipeline, id) => store.opened?.mover.inFlight.cancel(pipeline, id))
  if (storeOpen) await store.use()
  const state = { closing: false }
  const data = opened.use(
    await openDataPlane(config, {
      parts,
      store,
      shared: true,
      holds,
      closing: () => state.closing,
      cancelled: link.cancel,
      log
    })
  )
  opened.defer(() => {
    state.closing = true
    grace.begin()
    store.opened?.mover.stopIntake()
  })
  await link.serving(data.url, () => ({
    metrics: metrics.registry.snapshot(),
    breakers: [...breakers.list()],
    inFlight: inFlightStates(store.opened?.mover.inFlight)
  }))
  return opened.move()
}

interface StoreDeps {
  readonly parts: ServingParts
  /** This start of this process. */
  readonly owner: string
  readonly link: PrimaryLink
  readonly holds: Holds
  readonly grace: Grace
  readonly log: Logger
}

/** The ledger with the mover of this worker. */
async function openStore({ config, leaseMs }: WorkerStart, { parts, owner, link, holds, grace, log }: StoreDeps) {
  await using opened = new AsyncDisposableStack()
  const ledger: Ledger = opened.use(
    isHosted(config.store)
      ? connectSqliteLedger(link.store, await link.openStore())
      : await openLedger(config.store, log, config.durability)
  )
  const { registry, tracer, metrics, memory } = parts
  const find = (pipeline: string) => registry.get(pipeline)
  const heldEverywhere = {
    hold(...held: Parameters<Holds['hold']>): void {
      holds.hold(...held)
      link.hold(...held)
    }
  }
  const generations = opened.use(
    await openGenerations(config, { ledger, registry, onProcesses: link.needProcesses, log })
  )
  const { servingOf } = generations
  const deps = { ledger, find, servingOf, metrics, memory, tracer, log, holds: heldEverywhere, owner }
  const mover = opened.use(startMover({ ...deps, leaseMs, graceLeftMs: grace.leftMs }))
  const owned = opened.move()
  return { ledger, mover, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
