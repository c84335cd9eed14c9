import { kubectlOk } from './cluster.ts'
import { installStandIns } from './stand-in-kinds.ts'

/** Knative's kinds as far as they have an address. */
const kinds = [
  { group: 'serving.knative.dev', kind: 'Service', version: 'v1' },
  { group: 'eventing.knative.dev', kind: 'Broker', version: 'v1' },
  { group: 'eventing.knative.dev', kind: 'Trigger', version: 'v1' },
  { group: 'messaging.knative.dev', kind: 'InMemoryChannel', version: 'v1' }
]

/** Makes the API server know them; it may do so already. */
export const installAddressableKinds = (kubeconfig?: string): Promise<void> =>
  installStandIns(kinds, kubeconfig === undefined ? {} : { kubeconfig })

/** Gives an object its address, as its controller would. */
export async function setAddress(namespace: string, object: string, url: string | undefined): Promise<void> {
  const status = JSON.stringify({ status: { address: url === undefined ? null : { url } } })
  await kubectlOk(['patch', '-n', namespace, object, '--subresource=status', '--type=merge', '-p', status])
}
