import type { HeaderSource } from './destination.ts'
import type { Plan } from './plan.ts'

/** Where the value of a header is, if Kubernetes has it. */
export type ClusterSource = Extract<HeaderSource, { kind: 'token' | 'secretKeyRef' }>

/** Equal for sources of the same value. */
export const clusterKey = (source: ClusterSource): string =>
  JSON.stringify(
    source.kind === 'token' ? [source.namespace, source.audience] : [source.namespace, source.secret, source.key]
  )

/** Those of all headers that plans send. */
export function* clusterSourcesOf(plans: Iterable<Pick<Plan, 'headers'>>): Generator<ClusterSource> {
  for (const { headers } of plans) {
    for (const { source } of headers) if (source.kind === 'secretKeyRef' || source.kind === 'token') yield source
  }
}
