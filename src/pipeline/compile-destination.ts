import { isCanaryReference } from './canary-ref.ts'
import { compileHeaders } from './compile-headers.ts'
import type { Scope } from './compile-scope.ts'
import type { CallHeader, Destination } from './destination.ts'
import { referenceKey, referenceOf } from './reference-key.ts'
import type { DestinationSpec } from './spec/destination-spec.ts'

type Place = Pick<DestinationSpec, 'uri' | 'ref' | 'CACerts' | 'audience' | 'headers'>

/** A destination with its address; the most specific rule for a `ref` wins. */
export function compileDestination(place: Place, scope: Scope): Destination {
  const { audience } = place
  const destination = compileAddress(place, scope)
  if (audience === undefined) return destination
  if (scope.resolve.hasTokens !== true) return { ...destination, audience }
  if (destination.kind === 'unresolved' || destination.headers.some(({ name }) => name === 'authorization'))
    return destination
  const token: CallHeader = { name: 'authorization', source: { kind: 'token', namespace: scope.namespace, audience } }
  return { ...destination, headers: [...destination.headers, token] }
}

function compileAddress(
  { uri, ref, CACerts: caCerts, headers: written }: Place,
  scope: Scope
): Extract<Destination, { kind: 'url' | 'unresolved' }> {
  const headers = compileHeaders(written, scope)
  if (ref === undefined) {
    if (uri === undefined) throw new TypeError('a destination has a uri or a ref')
    // Of a former generation, a variable may not be set any more.
    if (!URL.canParse(uri)) return { kind: 'unresolved', ref: uri }
    return { kind: 'url', url: uri, headers, caCerts, ref: undefined }
  }
  const local = `${ref.namespace ?? scope.namespace}/${ref.name}`
  const full = `${ref.kind}/${local}`
  const reference = referenceOf(ref, scope.namespace)
  const key = referenceKey(reference)
  const address = [full, local, ref.name, key].map(key => scope.resolve.get(key)).find(url => url !== undefined)
  if (address === undefined)
    return { kind: 'unresolved', ref: full, ...(isCanaryReference(reference) && { isCanary: true }) }
  return { kind: 'url', url: uri === undefined ? address : new URL(uri, address).href, headers, caCerts, ref: full }
}
