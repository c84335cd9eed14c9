import type { GatewayConfig } from '../config.ts'
import type { RequestPath } from '../ingress/request-routes.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { compileAccess } from '../pipeline/compile-access.ts'
import type { Plan } from '../pipeline/plan.ts'
import { generationsIn } from './generations-in.ts'

/** Whom the definition lets in that a request was accepted with, as the store keeps it. Rejects with STORE_UNAVAILABLE. */
export async function formerAccess(
  { pipeline, id }: RequestPath,
  config: GatewayConfig,
  store: { readonly use: () => Promise<{ readonly ledger: Ledger }> }
): Promise<Plan['access']> {
  const { ledger } = await store.use()
  const record = await ledger.read(pipeline, id)
  if (typeof record !== 'object' || record.generation === undefined) return undefined
  const kept = await generationsIn(config, ledger).read(pipeline, record.generation)
  return compileAccess(kept?.spec.access)
}
