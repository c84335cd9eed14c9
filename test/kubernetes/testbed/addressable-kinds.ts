import { kubectlOk } from './cluster.ts'
import { installPeer } from './install-peer.ts'
import { installStandIns } from './stand-in-kinds.ts'

/** Knative's kinds as far as they have an address. */
const serving = [{ group: 'serving.knative.dev', kind: 'Service', version: 'v1' }]
const eventing = [
  { group: 'eventing.knative.dev', kind: 'Broker', version: 'v1' },
  { group: 'eventing.knative.dev', kind: 'Trigger', version: 'v1' },
  { group: 'messaging.knative.dev', kind: 'InMemoryChannel', version: 'v1' }
]

/** Makes the API server know them; it may do so already. */
export async function installAddressableKinds(kubeconfig?: string): Promise<void> {
  const options = kubeconfig === undefined ? {} : { kubeconfig }
  await installPeer('Knative', serving, options)
  await installStandIns(eventing, options)
}

/** Gives an object its address, as its controller would. */
export async function setAddress(namespace: string, object: string, url: string | undefined): Promise<void> {
  const status = JSON.stringify({ status: { address: url === undefined ? null : { url } } })
  await kubectlOk(['patch', '-n', namespace, object, '--subresource=status', '--type=merge', '-p', status])
}
