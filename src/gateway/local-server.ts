import { createPlaces } from '../delivery/places.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { HeadView } from './head-view.ts'
import type { ProcessParts } from './process-parts.ts'
import type { Servers } from './servers.ts'
import { createServingProcess, type ServingProcessDeps } from './serving-process.ts'

export interface LocalServerDeps
  extends
    Pick<ServingProcessDeps, 'holds' | 'leaseMs'>,
    Pick<HeadView, 'processes' | 'services' | 'turns' | 'attempts' | 'needProcesses' | 'lookUp'> {
  /** Opened on first use, and closed by whoever opened it. Throws STORE_UNAVAILABLE. */
  readonly ledger: () => Promise<Ledger>
}

/** This process takes the requests itself. */
export async function createLocalServer(
  process: ProcessParts,
  { processes, services, turns, attempts, needProcesses, lookUp, ledger, holds, leaseMs }: LocalServerDeps
): Promise<Servers> {
  const head: HeadView = {
    processes,
    services,
    places: createPlaces(),
    turns,
    attempts,
    needProcesses,
    lookUp,
    // The holds of this process are those of the gateway.
    hold() {},
    cancel: (pipeline, id) => serving.cancel(pipeline, id),
    openLedger: async () => ({ ledger: await ledger(), [Symbol.asyncDispose]: () => Promise.resolve() })
  }
  const serving = await createServingProcess(process, { head, holds, leaseMs, shared: false })
  return {
    start: () => serving.listen(),
    apply: changes => Promise.resolve(serving.apply(changes)),
    standing: pipelines => Promise.resolve(serving.standing(pipelines)),
    // The store tells of a failure here, and the next request tries again.
    storeOpened: () => void serving.useStore().catch(() => {}),
    located() {},
    // This process has been told already.
    readAgain() {},
    checks: [],
    breakers: () => serving.breakers(),
    inFlight: () => serving.inFlight(),
    metrics: () => process.metrics.chunks(),
    [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose]()
  }
}
