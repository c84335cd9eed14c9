import type { Plan } from './plan.ts'

/** `namespace/name` of each Secret that plans name. */
export function* secretsOf(plans: readonly Plan[]): Generator<string> {
  for (const { headers } of plans) {
    for (const { source } of headers) if (source.kind === 'secretKeyRef') yield `${source.namespace}/${source.secret}`
  }
}
