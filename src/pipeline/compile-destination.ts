import type { Destination } from './plan.ts'
import type { DestinationSpec } from './spec/destination-spec.ts'

/** What the names in a definition mean. */
export interface Scope {
  readonly namespace: string
  /** `name`, `namespace/name` or `Kind/namespace/name` of a ref to its URL. */
  readonly resolve: ReadonlyMap<string, string>
}

type Place = Pick<DestinationSpec, 'uri' | 'ref' | 'CACerts'>

/** A destination with its address; the most specific rule for a `ref` wins. */
export function compileDestination({ uri, ref, CACerts: caCerts }: Place, scope: Scope): Destination {
  if (ref === undefined) {
    if (uri === undefined) throw new TypeError('a destination has a uri or a ref')
    return { kind: 'url', url: uri, caCerts, ref: undefined }
  }
  const local = `${ref.namespace ?? scope.namespace}/${ref.name}`
  const full = `${ref.kind}/${local}`
  const address = [full, local, ref.name].map(key => scope.resolve.get(key)).find(url => url !== undefined)
  if (address === undefined) return { kind: 'unresolved', ref: full }
  return { kind: 'url', url: uri === undefined ? address : new URL(uri, address).href, caCerts, ref: full }
}
