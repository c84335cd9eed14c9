import { Grace } from '../control/grace.ts'
import type { ServedChanges, Standing } from '../control/served.ts'
import { createRequestId } from '../event/request-id.ts'
import { storeAddress } from '../ledger/store-address.ts'
import type { HeldPipelines } from '../mover/held-pipelines.ts'
import { inFlightStates, type InFlightStates } from '../mover/in-flight-states.ts'
import { LazyStore } from '../ledger/lazy-store.ts'
import { watchStore } from '../mover/watch-store.ts'
import { Waiters } from '../stored/waiters.ts'
import type { HeadView } from './head-view.ts'
import { openDataPlane } from './data-plane.ts'
import type { ProcessParts } from './process-parts.ts'
import { createServingParts, type ServingParts } from './serving-parts.ts'

export interface ServingProcessDeps {
  readonly head: HeadView
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
  { head, holds, leaseMs, shared }: ServingProcessDeps
): Promise<ServingProcess> {
  const { config, log, metrics } = process
  await using opened = new AsyncDisposableStack()
  const grace = new Grace(config.shutdownGraceMs)
  const onRemoved = (pipeline: string): void => store.opened?.mover.forget(pipeline)
  const parts = opened.use(await createServingParts(process, { ...head, graceLeftMs: grace.leftMs, onRemoved }))
  const { registry, breakers } = parts
  const owner = createRequestId()
  const waiters = opened.use(new Waiters())
  const store = opened.use(
    new LazyStore(async () => {
      // Loaded with the store, since a gateway that stores nothing starts without.
      const { openStoredRequests } = await import('./open-stored-requests.ts')
      return openStoredRequests(process, { parts, waiters, owner, head, holds, leaseMs, grace })
    }, log)
  )
  opened.use(watchStore({ store, durability: storeAddress(config.store).durability, owner, metrics, log }))
  const state = { closing: false }
  const cancel = (pipeline: string, id: string): void => store.opened?.mover.inFlight.cancel(pipeline, id)
  const owned = opened.move()
  const listen = async (): Promise<string> => {
    const { url } = owned.use(
      await openDataPlane(config, {
        parts: { ...process, ...parts },
        store,
        waiters,
        shared,
        holds,
        closing: () => state.closing,
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
