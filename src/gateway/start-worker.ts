import type { GatewayConfig } from '../config.ts'
import { withoutCluster } from './cluster-parts.ts'
import type { Resolve } from '../pipeline/compile-scope.ts'
import { ToldPlans } from '../control/told-served.ts'
import { storeAddress } from '../ledger/store-address.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { connectSqliteLedger } from '../ledger/sqlite/hosting/connect-sqlite-ledger.ts'
import { HeldPipelines } from '../mover/held-pipelines.ts'
import { createLogger } from '../telemetry/log.ts'
import { reportAttempts } from '../workers/attempt-reports.ts'
import type { WorkerStart } from '../workers/message.ts'
import type { PrimaryLink } from '../workers/primary-link.ts'
import type { HeadView } from './head-view.ts'
import { createProcessParts, type ProcessParts } from './process-parts.ts'
import { createServingProcess } from './serving-process.ts'

/** One of several processes that take requests on the port of the data plane. Disposing drains it. */
export async function startWorker(start: WorkerStart, link: PrimaryLink): Promise<AsyncDisposable> {
  const { no, config, leaseMs, served, storeOpen } = start
  await using opened = new AsyncDisposableStack()
  const log = createLogger(config, { worker: no })
  const known = surroundingsBehind(link, config)
  const parts = opened.use(await createProcessParts(config, log, known))
  const attempts = opened.use(reportAttempts(link.attempts))
  const head = { ...headBehind(link, parts, attempts), lookUp: known.lookUp }
  const serving = opened.use(
    await createServingProcess(parts, { head, holds: new HeldPipelines(), leaseMs, shared: true })
  )
  const plans = new ToldPlans({ resolve: known.resolve, environment: config.processEnv })
  serving.apply(plans.read({ put: served, removed: [] }))
  link.onAsked(({ changes, standing }) => {
    serving.apply(plans.read(changes))
    return serving.standing(standing)
  })
  link.onCancelled(serving.cancel)
  link.onReadAgain(() => parts.secrets.readAgain())
  // The store tells of a failure here, and the next request tries again.
  link.onStoreOpened(() => void serving.useStore().catch(() => {}))
  if (storeOpen) await serving.useStore()
  const url = await serving.listen()
  await link.serving(url, () => ({
    metrics: parts.metrics.registry.snapshot(),
    breakers: [...serving.breakers()],
    inFlight: serving.inFlight()
  }))
  return opened.move()
}

const headBehind = (
  link: PrimaryLink,
  { config, log }: ProcessParts,
  attempts: HeadView['attempts']
): Omit<HeadView, 'lookUp'> => ({
  turns: link.turns,
  attempts,
  processes: link.processes,
  services: link.services,
  places: link.places,
  hold: link.hold,
  needProcesses: link.needProcesses,
  cancel: link.cancel,
  async openLedger() {
    const durability = await link.openStore()
    const ledger = storeAddress(config.store).hosted
      ? connectSqliteLedger(link.store, durability)
      : await openLedger(config.store, log, config.durability)
    return { ledger, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() }
  }
})

/** Pipelines are told with the addresses of their refs. */
const comesWithPlans: Resolve = { get: () => undefined, hasTokens: true }

/** The primary asks Kubernetes for all workers: each API server has one client for a gateway. */
const surroundingsBehind = ({ lookUps, values }: PrimaryLink, config: GatewayConfig) =>
  config.kubernetes === undefined
    ? withoutCluster(config)
    : { resolve: comesWithPlans, lookUp: lookUps.lookUp, values: values.read }
