import { kubectlOk, waitForKinds, type KubectlOptions } from './cluster.ts'

/** A schema that takes any object, and keeps it. */
export const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const

/** A kind of others, as far as Sluice has to do with it: where theirs cannot be had. */
export interface StandInKind {
  readonly group: string
  readonly kind: string
  readonly version: string
  /** Absent: anything. */
  readonly spec?: object
}

export const nameOf = ({ group, kind }: StandInKind): string => `${kind.toLowerCase()}s.${group}`

const definitionOf = ({ group, kind, version, spec = anything }: StandInKind): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: nameOf({ group, kind, version }) },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind, plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase() },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec, status: anything } } }
      }
    ]
  }
})

/** Makes the API server know them; it may do so already. */
export async function installStandIns(kinds: readonly StandInKind[], options: KubectlOptions = {}): Promise<void> {
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: kinds.map(definitionOf) })
  await kubectlOk(['apply', '--server-side', '-f', '-'], { ...options, stdin })
  await waitForKinds(kinds.map(nameOf), options)
}
