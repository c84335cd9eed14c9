import { createIdentify, needsToken } from '../access/create-identify.ts'
import type { GatewayConfig } from '../config.ts'
import { admissionHold } from '../control/paused-hold.ts'
import { listen } from '../http/listen.ts'
import { isLoopbackAddress } from '../http/loopback-host.ts'
import type { BrowserRules } from '../ingress/browser-callers.ts'
import { createIngress } from '../ingress/ingress.ts'
import type { Waiters } from '../stored/waiters.ts'
import type { HeldPipelines } from '../mover/held-pipelines.ts'
import type { LazyStore } from '../ledger/lazy-store.ts'
import type { Logger } from '../telemetry/log.ts'
import { createRefusals } from '../telemetry/refusals.ts'
import { formerAccess } from './former-access.ts'
import type { OpenStore } from './open-stored-requests.ts'
import type { ProcessParts } from './process-parts.ts'
import type { ServingParts } from './serving-parts.ts'
import { tellLosses } from './tell-losses.ts'
import { tlsFor } from './tls-for.ts'

export interface DataPlaneDeps {
  readonly parts: Pick<ServingParts, 'registry' | 'memory'> &
    Pick<ProcessParts, 'tracer' | 'metrics' | 'secrets' | 'clientLimits'>
  readonly store: LazyStore<OpenStore>
  /** Let go when the plane closes. */
  readonly waiters: Waiters
  /** Other processes of this gateway take requests on the same port. */
  readonly shared: boolean
  readonly holds: Pick<HeldPipelines, 'of'>
  readonly closing: () => boolean
  readonly log: Logger
}

export interface DataPlane extends AsyncDisposable {
  readonly url: string
}

/** Takes requests on the port of the data plane. */
export async function openDataPlane(
  config: GatewayConfig,
  { parts, store, waiters, shared, holds, closing, log }: DataPlaneDeps
): Promise<DataPlane> {
  const { registry, tracer, metrics, memory, secrets, clientLimits } = parts
  await using opened = new AsyncDisposableStack()
  const identify = await createIdentify(config, { secrets, log })
  const ingress = createIngress({
    find: (namespace, name) => registry.find(namespace, name),
    served: () => [...registry.servings()].map(({ plan }) => plan),
    store: () => store.use(),
    viewOf: (pipeline, id) => {
      const served = registry.get(pipeline)
      const hold = admissionHold(served?.admission) ?? holds.of(pipeline)
      return { served, hold, live: store.opened?.mover.inFlight.stepsOf(pipeline, id) }
    },
    identify,
    formerAccess: path => formerAccess(path, config, store),
    browsers: browserRules(config),
    turnedAway: createRefusals({ plane: 'data', shed: metrics.shed, log }),
    closing,
    tracer,
    shed: metrics.shed,
    memory,
    log
  })
  const { host, port, shutdownGraceMs: graceMs } = config
  const tls = tlsFor('data', config.tls, secrets, log)
  const lost = tellLosses('data', log, metrics.shed)
  const { url } = opened.use(await listen(ingress, { ...clientLimits, host, port, shared, graceMs, memory, tls, lost }))
  opened.defer(() => waiters.close(graceMs))
  const owned = opened.move()
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const browserRules = (config: GatewayConfig): BrowserRules => ({
  allowed: new Set(config.allowOrigin),
  guarded: !needsToken(config) && isLoopbackAddress(config.host)
})
