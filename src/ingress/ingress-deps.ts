import type { Serving } from '../flow/serving.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { AcceptDeps } from './accept-request.ts'
import type { RequestPath, RequestRouteDeps } from './request-routes.ts'
import type { RespondDeps } from './respond.ts'

export interface IngressDeps extends RespondDeps, RequestRouteDeps, AcceptDeps {
  /** The pipeline that is served under this name. */
  readonly find: (namespace: string, name: string) => Serving | undefined
  /** Everything that is served. */
  readonly served: () => readonly Plan[]
  /** Whom the pipeline of a stored request let in that is not served any more. Rejects with STORE_UNAVAILABLE. */
  readonly formerAccess: (path: RequestPath) => Promise<Plan['access']>
}
