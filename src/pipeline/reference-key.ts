import type { DestinationSpec } from './spec/destination-spec.ts'

/** A `ref` with everything that says what it means. */
export interface Reference {
  /** Empty: the core API, or not said. */
  readonly group: string
  /** Empty: whichever the server prefers. */
  readonly version: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Which of its addresses; empty: its own one. */
  readonly address: string
}

export function referenceOf(ref: NonNullable<DestinationSpec['ref']>, namespace: string): Reference {
  const [group = '', version = ''] = splitVersion(ref.apiVersion ?? '')
  return {
    group: ref.group ?? group,
    version,
    kind: ref.kind,
    namespace: ref.namespace ?? namespace,
    name: ref.name,
    address: ref.address ?? ''
  }
}

const splitVersion = (apiVersion: string): readonly string[] =>
  apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion]

/** Equal for equal references, and like no rule of `--resolve`. */
export const referenceKey = ({ group, version, kind, namespace, name, address }: Reference): string =>
  [group, version, kind, namespace, name, address].join(' ')

/** `undefined`: it is not a key of a reference. */
export function readReferenceKey(key: string): Reference | undefined {
  const [group, version, kind, namespace, name, address] = key.split(' ')
  if (group === undefined || version === undefined || kind === undefined) return undefined
  if (namespace === undefined || name === undefined || address === undefined) return undefined
  return { group, version, kind, namespace, name, address }
}
