import { createAdmin } from '../admin/admin.ts'
import type { GatewayConfig } from '../config.ts'
import { listen } from '../http/listen.ts'
import { isLoopbackAddress } from '../http/loopback-host.ts'
import { createApiClient } from '../kubernetes/client/api-client.ts'
import { findCluster } from '../kubernetes/client/access/find-cluster.ts'
import { startController } from '../kubernetes/controller/controller.ts'
import { ControllerMetrics } from '../kubernetes/controller/controller-metrics.ts'
import { createLogger } from '../telemetry/log.ts'
import { createRefusals } from '../telemetry/refusals.ts'
import { authorization } from './authorization.ts'

export interface ControllerAddresses {
  /** `undefined`: the Service `sluice` of the controller's namespace. */
  readonly gatewayUrl: string | undefined
  /** `undefined`: the Service `sluice-admin` there. */
  readonly gatewayAdmin: string | undefined
  /** Where KEDA reads the metrics of the gateways; `undefined`: KEDA is not used. */
  readonly prometheusUrl: string | undefined
}

/** A controller that runs, with a small admin plane of its own. */
export interface RunningController extends AsyncDisposable {
  readonly server: string
  readonly adminUrl: string
}

/** Throws NoCluster, or what listening throws. */
export async function startControllerProcess(
  config: GatewayConfig,
  { gatewayUrl, gatewayAdmin, prometheusUrl }: ControllerAddresses
): Promise<RunningController> {
  const { kubernetes, adminHost, adminPort, adminToken, processEnv } = config
  await using opened = new AsyncDisposableStack()
  const log = createLogger(config)
  const client = opened.use(createApiClient(findCluster(kubernetes?.kubeconfig, processEnv)))
  const metrics = new ControllerMetrics()
  const own = client.namespace
  const controller = opened.use(
    await startController({
      client,
      namespace: kubernetes?.namespace,
      gatewayUrl: withoutSlash(gatewayUrl ?? `http://sluice.${own}.svc.cluster.local`),
      gatewayAdmin: gatewayAdmin ?? `http://sluice-admin.${own}.svc.cluster.local:9090`,
      adminToken,
      prometheusUrl,
      metrics,
      log
    })
  )
  const admin = createAdmin(
    {
      checks: [{ name: 'pipelines', fault: controller.fault }],
      notes: () => [`[i] ${controller.leads ? 'leads' : 'follows'}`],
      metrics: () => metrics.chunks(),
      authorized: authorization(adminToken),
      turnedAway: createRefusals({ plane: 'admin', shed: () => {}, log }),
      loopbackOnly: isLoopbackAddress(adminHost),
      log
    },
    []
  )
  const { url } = opened.use(await listen(admin, { host: adminHost, port: adminPort, graceMs: 0 }))
  const owned = opened.move()
  return { server: client.server, adminUrl: url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')
