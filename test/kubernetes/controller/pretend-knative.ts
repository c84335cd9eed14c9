import { createApiClient, type ApiClient } from '../../../src/kubernetes/client/api-client.ts'
import { findCluster } from '../../../src/kubernetes/client/access/find-cluster.ts'
import { apply } from '../../../src/kubernetes/client/apply.ts'
import { Mirror } from '../../../src/kubernetes/client/mirror.ts'
import type { KubernetesObject } from '../../../src/kubernetes/client/object.ts'
import { collectionPath, objectPath, type Resource } from '../../../src/kubernetes/client/resource.ts'
import { resources } from '../../../src/kubernetes/resources.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { installPeer } from '../testbed/install-peer.ts'
import { anything } from '../testbed/stand-in-kinds.ts'

const manager = 'knative'

/** As the webhook of Knative refuses it; bounded, so that the rule does not cost too much. */
const env = {
  type: 'array',
  maxItems: 20,
  items: {
    ...anything,
    properties: { name: { type: 'string', maxLength: 50 } },
    'x-kubernetes-validations': [
      { rule: "!(self.name in ['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'])", message: 'is reserved' }
    ]
  }
}
const pod = {
  ...anything,
  properties: { containers: { type: 'array', maxItems: 2, items: { ...anything, properties: { env } } } }
}
const serviceSpec = { ...anything, properties: { template: { ...anything, properties: { spec: pod } } } }

const group = 'serving.knative.dev'
const kinds = [
  { group, kind: 'Service', version: 'v1', spec: serviceSpec },
  { group, kind: 'Revision', version: 'v1' }
]

/** Knative Services and their revisions, as far as Sluice has to do with them. */
export const installKnativeKinds = (kubeconfig: string): Promise<void> => installPeer('Knative', kinds, { kubeconfig })

interface KnativeService extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: object; readonly annotations: Record<string, string> }
      readonly spec: { readonly containers: readonly { readonly image: string }[] }
    }
  }
}

/**
 * Does what Knative does with its Services: a revision for each generation, the status, and a Service of Kubernetes that
 * has the labels of its own and another owner. A revision with a `broken` image never gets ready.
 */
export async function startPretendKnative(kubeconfig: string): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  const client = opening.use(createApiClient(findCluster(kubeconfig, {})))
  const ready = new Map<string, string>()
  const see = (service: KnativeService | undefined, before: KnativeService | undefined): void => {
    if (service === undefined) void (before && clean(client, before).catch(() => {}))
    else if (service.metadata.generation !== before?.metadata.generation) {
      void waitFor(() => roll(client, service, ready), { what: 'the revision' }).catch(() => {})
    }
  }
  const mirror = new Mirror<KnativeService, KnativeService>(client, {
    path: collectionPath(resources.knativeServices, undefined),
    project: service => service,
    onChange: (_, service, before) => see(service, before)
  })
  opening.use(mirror)
  await mirror.listed
  const opened = opening.move()
  return { [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** Tried again while a Service of somebody else stands in its way. */
async function roll(client: ApiClient, service: KnativeService, ready: Map<string, string>): Promise<true> {
  const { name, namespace = 'default', uid = '', generation = 0, labels = {} } = service.metadata
  const { metadata, spec } = service.spec.template
  const revision = `${name}-${String(generation).padStart(5, '0')}`
  const isBroken = spec.containers.some(({ image }) => image.includes('broken'))
  if (!isBroken) ready.set(uid, revision)
  const owner = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name, uid, controller: true }
  const own = { namespace, ownerReferences: [owner] }
  const revisionLabels = { ...metadata.labels, 'serving.knative.dev/service': name }
  const replicas = isBroken ? 0 : Math.max(1, Number(metadata.annotations['autoscaling.knative.dev/min-scale']))
  const revisionMeta = { ...own, name: revision, labels: revisionLabels }
  const revisionObject = { apiVersion: owner.apiVersion, kind: 'Revision', metadata: revisionMeta }
  await applyAll(client, resources.knativeRevisions, { ...revisionObject, spec })
  const counts = { desiredReplicas: Math.max(1, replicas), actualReplicas: replicas }
  await applyStatus(client, resources.knativeRevisions, revisionObject, counts)
  const ports = [{ name: 'http2', port: 80, targetPort: 80 }]
  const placeholderSpec = { type: 'ExternalName', externalName: 'gateway.example', sessionAffinity: 'None', ports }
  const serviceMeta = { ...own, name, labels }
  const placeholder = { apiVersion: 'v1', kind: 'Service', metadata: serviceMeta, spec: placeholderSpec }
  // As Knative: traffic is not configured before a revision was ready.
  if (ready.has(uid)) await applyAll(client, resources.services, placeholder)
  const failure = { status: 'False', reason: 'RevisionFailed', message: `Revision "${revision}" failed` }
  await applyStatus(
    client,
    resources.knativeServices,
    { ...owner, metadata: { name, namespace } },
    {
      observedGeneration: generation,
      latestCreatedRevisionName: revision,
      latestReadyRevisionName: ready.get(uid),
      address: { url: `http://${name}.${namespace}.svc.cluster.local` },
      conditions: [
        { type: 'Ready', ...(isBroken ? failure : { status: 'True' }) },
        { type: 'RoutesReady', status: ready.has(uid) ? 'True' : 'Unknown' }
      ]
    }
  )
  return true
}

const applyAll = (
  client: ApiClient,
  resource: Resource,
  object: KubernetesObject & { readonly spec: unknown }
): Promise<KubernetesObject> => apply(client, resource, object, { manager })

const applyStatus = (
  client: ApiClient,
  resource: Resource,
  { apiVersion, kind, metadata: { name, namespace } }: KubernetesObject,
  status: unknown
) =>
  apply(client, resource, { apiVersion, kind, metadata: { name, namespace }, status } as KubernetesObject, {
    manager,
    subresource: 'status'
  })

/** As the garbage collector does. */
async function clean(client: ApiClient, { metadata: { name, namespace } }: KnativeService): Promise<void> {
  await client.call('DELETE', objectPath(resources.services, { namespace, name }))
  const path = collectionPath(resources.knativeRevisions, namespace)
  await client.call('DELETE', path, { query: { labelSelector: `serving.knative.dev/service=${name}` } })
}
