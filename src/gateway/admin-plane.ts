import { createAdmin, type AdminDeps } from '../admin/admin.ts'
import { convertRoutes } from '../admin/convert-routes.ts'
import { breakerRoutes, type BreakerRouteDeps } from '../admin/breaker-routes.ts'
import { deadLetterRoutes } from '../admin/dead-letter-routes.ts'
import { openApiRoutes } from '../admin/openapi/openapi-routes.ts'
import { replayRoutes } from '../admin/replay-routes.ts'
import { resourceChangeRoutes, type ResourceChangeDeps } from '../admin/resource-change-routes.ts'
import { resourceRoutes, type ResourceRouteDeps } from '../admin/resource-routes.ts'
import { rolloutRoutes, type RolloutRouteDeps } from '../admin/rollout-routes.ts'
import { requestRoutes, type RequestRouteDeps } from '../admin/request-routes.ts'
import type { GatewayConfig } from '../config.ts'
import { listen, type Listener } from '../http/listen.ts'
import { isLoopbackAddress } from '../http/loopback-host.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Replays } from '../replay/replays.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { createRefusals } from '../telemetry/refusals.ts'
import { authorization } from './authorization.ts'
import { tellLosses } from './tell-losses.ts'
import { tlsFor } from './tls-for.ts'

export interface AdminPlaneDeps
  extends
    BreakerRouteDeps,
    Pick<ResourceRouteDeps, 'resources'>,
    Pick<ResourceChangeDeps, 'changes'>,
    Pick<RolloutRouteDeps, 'rollouts'>,
    Pick<RequestRouteDeps, 'servedOf' | 'holdOf' | 'inFlight'>,
    Pick<AdminDeps, 'checks' | 'notes' | 'metrics' | 'log'> {
  /** Counts what was refused. */
  readonly shed: (reason: string) => void
  readonly secrets: Secrets
  readonly store: () => Promise<{ readonly ledger: Ledger; readonly replays: Replays }>
}

/** Serves the admin plane on its port. */
export async function openAdminPlane(
  { adminHost, adminPort, adminToken, adminTls }: GatewayConfig,
  { store, secrets, servedOf, holdOf, inFlight, breakers, resources, changes, rollouts, shed, ...own }: AdminPlaneDeps
): Promise<Listener> {
  const routes = [
    ...requestRoutes({ records: async () => (await store()).ledger, servedOf, holdOf, inFlight }),
    ...deadLetterRoutes({ deadLetters: async () => (await store()).ledger.deadLetters }),
    ...replayRoutes({ replays: async () => (await store()).replays }),
    ...breakerRoutes({ breakers }),
    ...resourceRoutes({ resources }),
    ...resourceChangeRoutes({ resources, changes }),
    ...rolloutRoutes({ resources, rollouts }),
    ...convertRoutes(),
    ...openApiRoutes()
  ]
  const authorized = authorization(adminToken)
  const turnedAway = createRefusals({ plane: 'admin', shed, log: own.log })
  const admin = createAdmin({ ...own, authorized, turnedAway, loopbackOnly: isLoopbackAddress(adminHost) }, routes)
  const lost = tellLosses('admin', own.log, shed)
  const tls = tlsFor('admin', adminTls, secrets, own.log)
  return listen(admin, { host: adminHost, port: adminPort, graceMs: 0, tls, lost })
}
