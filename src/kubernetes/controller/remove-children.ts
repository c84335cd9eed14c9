import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { listPages } from '../client/list-pages.ts'
import type { KubernetesObject, ObjectMeta } from '../client/object.ts'
import { collectionPath, objectPath, type Resource } from '../client/resource.ts'
import { resources } from '../resources.ts'
import { childrenOf } from './child-labels.ts'

interface RemoveDeps {
  readonly client: ApiClient
  /** serving.knative.dev is there. */
  readonly knative: boolean
  /** Looked at before each write. */
  readonly mayWrite: () => boolean
}

/** Those that scale others go first. Deployments may be older than Knative is here. */
const kinds: readonly Resource[] = [resources.autoscalers, resources.deployments, resources.services]

/** The value of a label is no longer: nothing is deployed for a pipeline with a longer name. */
const longestName = 63

/**
 * Removes all that was deployed for a pipeline, whoever made it and when: the API server is asked, since no mirror has
 * seen what was made a moment ago. It is done when each removal was accepted: an object that stays after that has
 * finalizers of others, who take their time. Answers what was refused, a sentence each.
 */
export async function removeChildren(deps: RemoveDeps, parent: ObjectMeta): Promise<readonly string[]> {
  if (parent.name.length > longestName) return []
  const refused: string[] = []
  for (const resource of deps.knative ? [...kinds, resources.knativeServices] : kinds) {
    const children = await listOwned(deps.client, resource, parent).catch((thrown: unknown) => {
      refused.push(failureText(thrown))
      return []
    })
    for (const child of children) {
      if (!deps.mayWrite()) return []
      await remove(deps.client, resource, child).catch((thrown: unknown) => refused.push(failureText(thrown)))
    }
  }
  return refused
}

/** Those of another pipeline with this name, which went before it, are not its own. */
async function listOwned(
  client: ApiClient,
  resource: Resource,
  { namespace, name, uid }: ObjectMeta
): Promise<readonly ObjectMeta[]> {
  const { items } = await listPages(
    client,
    collectionPath(resource, namespace),
    { labelSelector: childrenOf(name) },
    ({ metadata }: KubernetesObject) => metadata
  )
  return items.filter(
    ({ ownerReferences = [], deletionTimestamp }) =>
      deletionTimestamp === undefined && ownerReferences.some(owner => owner.uid === uid)
  )
}

/** What has come in the place of it meanwhile stays. */
async function remove(client: ApiClient, resource: Resource, { namespace, name, uid }: ObjectMeta): Promise<void> {
  const body = { propagationPolicy: 'Background', preconditions: { uid } }
  await client.call('DELETE', objectPath(resource, { namespace, name }), { body }).catch((thrown: unknown) => {
    if (!isFailure(thrown, 404) && !isFailure(thrown, 409)) throw thrown
  })
}
