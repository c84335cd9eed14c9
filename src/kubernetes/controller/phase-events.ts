import { createHash } from 'node:crypto'
import type { ApiClient } from '../client/api-client.ts'
import type { KubernetesObject } from '../client/object.ts'
import { apiVersionOf, collectionPath, type Resource } from '../client/resource.ts'
import { resources } from '../resources.ts'

export interface EventText {
  /** Upper camel case. */
  readonly reason: string
  readonly message: string
  readonly isWarning: boolean
}

/** Tells of a pipeline in `kubectl describe` and `kubectl get events`. Throws what the client throws. */
export async function writeEvent(
  client: ApiClient,
  kind: Resource,
  about: KubernetesObject,
  event: EventText
): Promise<void> {
  const { name, namespace = 'default', uid, resourceVersion } = about.metadata
  const now = new Date().toISOString()
  const digest = createHash('sha256').update(`${uid} ${now} ${event.reason}`).digest('hex').slice(0, 16)
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 230)}.${digest}`, namespace },
    involvedObject: {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      name,
      namespace,
      uid,
      resourceVersion
    },
    reason: event.reason,
    message: event.message.slice(0, 1000),
    type: event.isWarning ? 'Warning' : 'Normal',
    source: { component: 'sluice-controller' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1
  }
  await client.call('POST', collectionPath(resources.events, namespace), { body })
}
