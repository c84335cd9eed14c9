import { findCluster } from '../../../src/kubernetes/client/access/find-cluster.ts'
import { createApiClient, type ApiClient } from '../../../src/kubernetes/client/api-client.ts'
import type { KubernetesObject } from '../../../src/kubernetes/client/object.ts'
import { collectionPath, objectPath } from '../../../src/kubernetes/client/resource.ts'
import { resources } from '../../../src/kubernetes/resources.ts'

interface ScaledObject extends KubernetesObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string }
    readonly cooldownPeriod: number
    readonly minReplicaCount: number
    readonly maxReplicaCount: number
    readonly triggers: readonly { readonly metadata: { readonly query: string; readonly threshold: string } }[]
  }
}

export interface PretendKeda extends AsyncDisposable {
  /** The most replicas that it has asked for. */
  readonly most: number
}

export interface PretendKedaOptions {
  readonly kubeconfig: string
  readonly namespace: string
  /** The admin planes of the gateways whose metrics it reads. */
  readonly adminUrls: readonly string[]
}

/** Between two looks, in milliseconds. */
const everyMs = 100

/**
 * Scales as KEDA and the autoscaler behind it do: by the query of each ScaledObject over the real metrics of the gateways, from
 * zero as soon as it gives more than nothing, and back when it has given nothing for `cooldownPeriod`.
 */
export async function startPretendKeda({ kubeconfig, namespace, adminUrls }: PretendKedaOptions): Promise<PretendKeda> {
  const client = createApiClient(findCluster(kubeconfig, {}))
  const ending = new AbortController()
  const keda = { most: 0, activeAt: new Map<string, number>() }
  const look = async (): Promise<void> => {
    const { items } = await client.call<{ items: ScaledObject[] }>(
      'GET',
      collectionPath(resources.scaledObjects, namespace)
    )
    const metrics = await Promise.all(adminUrls.map(async url => (await fetch(`${url}/metrics`)).text()))
    for (const scaled of items) await scale(client, scaled, metrics.join('\n'), keda)
  }
  const looking = (async () => {
    while (!ending.signal.aborted) {
      // A gateway may be killed, or the API server.
      await look().catch(() => {})
      await new Promise(resolve => setTimeout(resolve, everyMs))
    }
  })()
  return {
    get most() {
      return keda.most
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await looking
      await client[Symbol.asyncDispose]()
    }
  }
}

async function scale(
  client: ApiClient,
  { metadata, spec }: ScaledObject,
  metrics: string,
  keda: { most: number; activeAt: Map<string, number> }
): Promise<void> {
  const { namespace = 'default', annotations = {} } = metadata
  const { scaleTargetRef, cooldownPeriod, minReplicaCount, maxReplicaCount, triggers } = spec
  const [trigger] = triggers
  if (trigger === undefined || annotations['autoscaling.keda.sh/paused-replicas'] !== undefined) return
  const load = answerOf(trigger.metadata.query, metrics)
  const key = `${namespace}/${metadata.name}`
  const now = performance.now()
  if (load > 0) keda.activeAt.set(key, now)
  const isCooling = now - (keda.activeAt.get(key) ?? -Infinity) < cooldownPeriod * 1000
  const path = `${objectPath(resources.deployments, { namespace, name: scaleTargetRef.name })}/scale`
  const { spec: before } = await client.call<{ spec: { replicas?: number } }>('GET', path)
  const wanted = Math.ceil(load / Number(trigger.metadata.threshold))
  const least = load > 0 || (isCooling && (before.replicas ?? 0) > 0) ? Math.max(1, minReplicaCount) : minReplicaCount
  const replicas = Math.min(maxReplicaCount, Math.max(least, wanted))
  keda.most = Math.max(keda.most, replicas)
  if (replicas === (before.replicas ?? 0)) return
  const contentType = 'application/merge-patch+json'
  await client.call('PATCH', path, { contentType, body: { spec: { replicas } } })
}

const term = /^\(sum\((\w+)\{(\w+="[^"]+")\}\) or vector\(0\)\)$/

/** Answers as Prometheus would, of such queries: sums of gauges, each with one label, added up. */
function answerOf(query: string, metrics: string): number {
  const lines = metrics.split('\n').map(line => line.split(' '))
  return query.split(' + ').reduce((sum, each) => {
    const [, name, label] = term.exec(each) ?? []
    if (name === undefined) throw new Error(`not such a query: ${query}`)
    const values = lines.flatMap(([series, value]) => (series === `${name}{${label}}` ? [Number(value)] : []))
    return values.reduce((total, value) => total + value, sum)
  }, 0)
}
