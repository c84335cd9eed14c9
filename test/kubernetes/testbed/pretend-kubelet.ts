import { findCluster } from '../../../src/kubernetes/client/access/find-cluster.ts'
import { createApiClient, type ApiClient } from '../../../src/kubernetes/client/api-client.ts'
import { apply } from '../../../src/kubernetes/client/apply.ts'
import { Mirror } from '../../../src/kubernetes/client/mirror.ts'
import type { KubernetesObject } from '../../../src/kubernetes/client/object.ts'
import { objectPath, type Resource } from '../../../src/kubernetes/client/resource.ts'

const pods: Resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' }
const nodes: Resource = { group: '', version: 'v1', plural: 'nodes', kind: 'Node' }
const node = 'pretended'

interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { name: string; image: string }[] }
  readonly status: { readonly phase?: string }
}

/** Makes every pod ready that is asked for, and lets it go at once. An image whose name has `broken` never gets ready. */
export async function startPretendKubelet(kubeconfig: string): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  const client = opening.use(createApiClient(findCluster(kubeconfig, {})))
  await apply(client, nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } }, { manager: 'kubelet' })
  const see = (pod: Pod | undefined): void => void (pod && care(client, pod).catch(() => {}))
  const mirror = new Mirror<Pod, Pod>(client, {
    path: '/api/v1/pods',
    project: pod => pod,
    onChange: (_, pod) => see(pod),
    onList: () => [...mirror.values].forEach(see)
  })
  opening.use(mirror)
  await mirror.listed
  const opened = opening.move()
  return { [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

async function care(client: ApiClient, pod: Pod): Promise<void> {
  const { name, namespace = 'default', deletionTimestamp } = pod.metadata
  const path = objectPath(pods, { name, namespace })
  if (deletionTimestamp !== undefined) {
    await client.call('DELETE', path, { body: { gracePeriodSeconds: 0 } })
    return
  }
  if (pod.spec.nodeName === undefined) {
    const target = { kind: 'Node', name: node }
    await client.call('POST', `${path}/binding`, {
      body: { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target }
    })
  }
  if (pod.status.phase === 'Pending' && pod.spec.containers.every(({ image }) => !image.includes('broken'))) {
    await client.call('PATCH', `${path}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: ready(pod) }
    })
  }
}

function ready({ spec }: Pod): unknown {
  const now = new Date().toISOString()
  // EndpointSlices refuse loopback addresses: this one is for documentation.
  return {
    phase: 'Running',
    podIP: '192.0.2.1',
    podIPs: [{ ip: '192.0.2.1' }],
    startTime: now,
    conditions: ['Initialized', 'ContainersReady', 'Ready'].map(type => ({
      type,
      status: 'True',
      lastTransitionTime: now
    })),
    containerStatuses: spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now } }
    }))
  }
}
