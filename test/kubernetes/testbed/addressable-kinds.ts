import { kubectlOk, waitForKinds } from './cluster.ts'

/** Knative's kinds as far as they have an address: theirs cannot be had without their controllers. */
const kinds = [
  ['serving.knative.dev', 'Service'],
  ['eventing.knative.dev', 'Broker'],
  ['eventing.knative.dev', 'Trigger'],
  ['messaging.knative.dev', 'InMemoryChannel']
] as const

const definition = (group: string, kind: string): unknown => {
  const plural = `${kind.toLowerCase()}s`
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } }
        }
      ]
    }
  }
}

/** Makes the API server know them; it may do so already. */
export async function installAddressableKinds(kubeconfig?: string): Promise<void> {
  const options = kubeconfig === undefined ? {} : { kubeconfig }
  const items = kinds.map(([group, kind]) => definition(group, kind))
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await kubectlOk(['apply', '--server-side', '-f', '-'], { ...options, stdin: list })
  await waitForKinds(
    kinds.map(([group, kind]) => `${kind.toLowerCase()}s.${group}`),
    options
  )
}

/** Gives an object its address, as its controller would. */
export async function setAddress(namespace: string, object: string, url: string | undefined): Promise<void> {
  const status = JSON.stringify({ status: { address: url === undefined ? null : { url } } })
  await kubectlOk(['patch', '-n', namespace, object, '--subresource=status', '--type=merge', '-p', status])
}
