import { createAdmin } from './admin/admin.ts'
import type { GatewayConfig } from './config.ts'
import { loadPlans } from './control/load-plans.ts'
import { Registry } from './control/registry.ts'
import { createBreakers } from './delivery/breakers.ts'
import { createDeadLetterSink } from './delivery/dead-letter-sink.ts'
import { createEgressCheck } from './delivery/egress.ts'
import { createOrigins } from './delivery/origins.ts'
import { createBearerCheck } from './http/bearer.ts'
import { listen, type Listener } from './http/listen.ts'
import { createIngress } from './ingress/ingress.ts'
import { createRunner } from './runner/runner.ts'

/** A running gateway. Disposing drains it: what is in flight finishes within the grace period. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` of the data plane. */
  readonly url: string
  /** `http://host:port` of the admin plane. */
  readonly adminUrl: string
}
