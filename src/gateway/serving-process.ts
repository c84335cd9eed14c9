import { FormerGenerations } from '../control/former-generations.ts'
import { Grace } from '../control/grace.ts'
import type { ServedChanges, Standing } from '../control/served.ts'
import { createRequestId } from '../event/request-id.ts'
import { storeAddress } from '../ledger/store-address.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { HeldPipelines } from '../mover/held-pipelines.ts'
import { inFlightStates, type InFlightStates } from '../mover/in-flight-states.ts'
import { startMover } from '../mover/mover.ts'
import { LazyStore } from '../ledger/lazy-store.ts'
import type { StoredRequests } from '../stored/stored-requests.ts'
import { watchStore } from '../mover/watch-store.ts'
import type { ProcessSpec } from '../pipeline/plan.ts'
import type { Located } from '../runner/runner.ts'
import { openDataPlane } from './data-plane.ts'
import { generationsIn } from './generations-in.ts'
import type { ProcessParts } from './process-parts.ts'
import { createServingParts, type ServingParts } from './serving-parts.ts'

/**
 * The controlling part of a gateway, as the part that takes requests sees it, be it in this process or in the primary.
 */
export interface Controller {
  /** Where a local step is. */
  readonly locate: (key: string) => Located
  /** Is told of lanes that wait for a breaker. */
  readonly hold: (pipeline: string, ms: number, waiting: Waiting) => void
  /** Has these processes run for former generations, and none that it was told before. */
  readonly needProcesses: (specs: readonly ProcessSpec[]) => void
  /** Stops the run of the request in whatever process it is. */
  readonly cancel: (pipeline: string, id: string) => void
  /** The ledger; disposing closes what was opened for this process alone. Throws STORE_UNAVAILABLE. */
  readonly openLedger: () => Promise<{ readonly ledger: Ledger } & AsyncDisposable>
}

export interface ServingProcessDeps {
  readonly controller: Controller
  readonly holds: HeldPipelines
  readonly leaseMs: number
  /** Other processes of this gateway take requests on the same port. */
  readonly shared: boolean
}

/** The part of a gateway that takes requests and runs them: ingress, flow and mover. Disposing drains it. */
export interface ServingProcess extends AsyncDisposable {
  /** Takes requests from now on; answers the URL of the data plane. */
  listen(): Promise<string>
  apply(changes: ServedChanges): void
  /** The requests of these pipelines that are in flight. */
  standing(pipelines: readonly string[]): readonly Standing[]
  /** Opens the store, if it is not open yet, since there may be work in it. */
  useStore(): Promise<void>
  /** The stored requests that run here, and how far they are. */
  inFlight(): InFlightStates
  breakers(): ReturnType<ServingParts['breakers']['list']>
  /** Stops the run of a request that was cancelled. */
  cancel(pipeline: string, id: string): void
}

export async function createServingProcess(
  process: ProcessParts,
  { controller, holds, leaseMs, shared }: ServingProcessDeps
): Promise<ServingProcess> {
  const { config, log, metrics, tracer } = process
  await using opened = new AsyncDisposableStack()
  const grace = new Grace(config.shutdownGraceMs)
  const onRemoved = (pipeline: string): void => store.opened?.mover.forget(pipeline)
  const parts = opened.use(
    await createServingParts(process, { locate: controller.locate, graceLeftMs: grace.leftMs, onRemoved })
  )
  const { registry, breakers } = parts
  const owner = createRequestId()
  const store = opened.use(
    new LazyStore(() => openStore(process, { parts, owner, controller, holds, leaseMs, grace }), log)
  )
  opened.use(watchStore({ store, durability: storeAddress(config.store).durability, owner, metrics, log }))
  const state = { closing: false }
  const cancel = (pipeline: string, id: string): void => store.opened?.mover.inFlight.cancel(pipeline, id)
  const owned = opened.move()
  const listen = async (): Promise<string> => {
    const { url } = owned.use(
      await openDataPlane(config, {
        parts: { ...parts, tracer, metrics, secrets: process.secrets },
        store,
        shared,
        holds,
        closing: () => state.closing,
        cancelled: controller.cancel,
        log
      })
    )
    owned.defer(() => {
      state.closing = true
      grace.begin()
      store.opened?.mover.stopIntake()
    })
    return url
  }
  return {
    listen,
    apply(changes) {
      registry.apply(changes)
      const mover = store.opened?.mover
      for (const { plan, gate, cut } of changes.put) {
        if (gate === 'open') mover?.wake(plan.pipeline)
        if (cut) mover?.cut(plan.pipeline)
      }
    },
    standing: pipelines => registry.standing(pipelines),
    useStore: async () => void (await store.use()),
    inFlight: () => inFlightStates(store.opened?.mover.inFlight),
    breakers: () => breakers.list(),
    cancel,
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

interface StoreDeps extends Pick<ServingProcessDeps, 'controller' | 'holds' | 'leaseMs'> {
  readonly parts: ServingParts
  /** This start of this process. */
  readonly owner: string
  readonly grace: Grace
}

/** The ledger with the mover of this process. */
async function openStore(
  { config, log, metrics, tracer }: ProcessParts,
  { parts, owner, controller, holds, leaseMs, grace }: StoreDeps
): Promise<StoredRequests & AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const { ledger } = opened.use(await controller.openLedger())
  const { registry, memory } = parts
  const generations = generationsIn(config, ledger)
  const read = (pipeline: string, generation: number) => generations.read(pipeline, generation)
  const onProcesses = controller.needProcesses
  const meaning = { resolve: config.resolve, environment: config.processEnv }
  const former = opened.use(new FormerGenerations({ registry, meaning, read, onProcesses, log }))
  const heldEverywhere = {
    hold(...held: Parameters<HeldPipelines['hold']>): void {
      holds.hold(...held)
      controller.hold(...held)
    }
  }
  const mover = opened.use(
    startMover({
      ledger,
      find: pipeline => registry.get(pipeline),
      servingOf: record => former.servingOf(record),
      metrics,
      memory,
      tracer,
      log,
      holds: heldEverywhere,
      owner,
      leaseMs,
      graceLeftMs: grace.leftMs
    })
  )
  const owned = opened.move()
  return { ledger, mover, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
