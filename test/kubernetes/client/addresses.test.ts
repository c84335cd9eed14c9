import { beforeAll, expect, it } from 'vitest'
import { Addresses } from '../../../src/kubernetes/cluster/addresses.ts'
import type { ApiClient } from '../../../src/kubernetes/client/api-client.ts'
import { referenceKey, type Reference } from '../../../src/pipeline/reference-key.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { installAddressableKinds, setAddress } from '../testbed/addressable-kinds.ts'
import { clientOf, createNamespace, kubectlOk } from '../testbed/cluster.ts'

beforeAll(() => installAddressableKinds())

/** Counts the watches that are open, by the kind in their path. */
function countingWatches(client: ApiClient): ApiClient & { readonly open: ReadonlySet<string> } {
  const open = new Set<string>()
  return {
    ...client,
    open,
    async lines(path, query, idleMs, signal) {
      const plural = path.slice(path.lastIndexOf('/') + 1)
      open.add(plural)
      signal.addEventListener('abort', () => open.delete(plural), { once: true })
      return client.lines(path, query, idleMs, signal)
    }
  }
}

it('watches a kind for as long as somebody needs or asks for a resource of it', async () => {
  await using namespace = await createNamespace()
  await using plain = clientOf()
  const client = countingWatches(plain)
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'model' }, spec: { ports: [{ port: 80 }] } }
  const broker = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', metadata: { name: 'model' }, spec: {} }
  const items = { apiVersion: 'v1', kind: 'List', items: [service, broker] }
  await kubectlOk(['apply', '-n', namespace.name, '-f', '-'], { stdin: JSON.stringify(items) })
  await setAddress(namespace.name, 'brokers.eventing.knative.dev/model', 'http://broker')
  const common = { namespace: namespace.name, name: 'model', address: '' }
  const ofService: Reference = { ...common, group: '', version: 'v1', kind: 'Service' }
  const ofBroker: Reference = { ...common, group: 'eventing.knative.dev', version: 'v1', kind: 'Broker' }
  const wanted = new Set([`Service/${namespace.name}/model`])
  await using addresses = new Addresses({ client, everywhere: false, onChange: () => {}, wanted: () => wanted })
  const urlOf = (reference: Reference) => addresses.get(referenceKey(reference))
  await waitFor(() => urlOf(ofService) === `http://model.${namespace.name}.svc.cluster.local`, { what: 'the Service' })
  await waitFor(() => urlOf(ofBroker) === 'http://broker', { what: 'the Broker' })
  await waitFor(() => client.open.size === 2, { what: 'both watches' })
  addresses.forget(performance.now() - 600_000)
  expect([...client.open].toSorted()).toEqual(['brokers', 'services'])
  addresses.forget(performance.now() + 1)
  await waitFor(() => client.open.size === 1, { what: 'the end of one watch' })
  expect([...client.open]).toEqual(['services'])
  expect(urlOf(ofService)).toBe(`http://model.${namespace.name}.svc.cluster.local`)
  // Somebody asks again.
  await waitFor(() => urlOf(ofBroker) === 'http://broker', { what: 'the Broker again' })
})
