import { createAdmin } from '../admin/admin.ts'
import { breakerRoutes, type BreakerRouteDeps } from '../admin/breaker-routes.ts'
import { deadLetterRoutes } from '../admin/dead-letter-routes.ts'
import type { HealthCheck } from '../admin/health.ts'
import { isLoopbackHost } from '../admin/loopback-host.ts'
import { replayRoutes } from '../admin/replay-routes.ts'
import { requestRoutes } from '../admin/request-routes.ts'
import type { GatewayConfig } from '../config.ts'
import { listen, type Listener } from '../http/listen.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Replays } from '../mover/replays.ts'
import { authorization } from './authorization.ts'

export interface AdminPlaneDeps extends BreakerRouteDeps {
  readonly store: () => Promise<{ readonly ledger: Ledger; readonly replays: Replays }>
  readonly stepsOf: (pipeline: string) => readonly string[]
  /** In the text format of Prometheus. */
  readonly metrics: () => string | Promise<string>
  readonly checks: readonly HealthCheck[]
}

/** Serves the admin plane on its port. */
export async function openAdminPlane(
  { adminHost, adminPort, adminToken }: GatewayConfig,
  { store, stepsOf, breakers, metrics, checks }: AdminPlaneDeps
): Promise<Listener> {
  const ledger = async () => (await store()).ledger
  const routes = [
    ...requestRoutes({ ledger, stepsOf }),
    ...deadLetterRoutes({ ledger }),
    ...replayRoutes({ replays: async () => (await store()).replays }),
    ...breakerRoutes({ breakers })
  ]
  const authorized = authorization(adminToken)
  const admin = createAdmin({ checks, metrics, authorized, loopbackOnly: isLoopbackHost(adminHost) }, routes)
  return listen(admin, { host: adminHost, port: adminPort, graceMs: 0 })
}
