import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { listPages } from '../client/list-pages.ts'
import type { KubernetesObject, ObjectMeta } from '../client/object.ts'
import { collectionPath, objectPath, type Resource } from '../client/resource.ts'
import { resources } from '../resources.ts'
import { childrenOf } from '../child-labels.ts'
import type { Refusal } from './refusal.ts'
import { isServed, type Scaling } from './scaling.ts'

interface RemoveDeps {
  readonly client: ApiClient
  readonly scaling: Scaling
  /** Looked at before each write. */
  readonly mayWrite: () => boolean
}

const { autoscalers, deployments, knativeServices, scaledObjects, services } = resources

/** Those that scale others go first. */
const kinds: readonly Resource[] = [scaledObjects, autoscalers, knativeServices, deployments, services]

/** Requests run by them, not by those that scale them. */
export const isWorkload = (resource: Resource): boolean => resource !== scaledObjects && resource !== autoscalers

/** The kinds that are made here; others were, before Knative or KEDA came or went. */
const made: Readonly<Record<Scaling['by'], readonly Resource[]>> = {
  knative: [knativeServices],
  keda: [scaledObjects, deployments, services],
  autoscaler: [autoscalers, deployments, services]
}

/** The value of a label is no longer: nothing is deployed for a pipeline with a longer name. */
const longestName = 63

/** Whether the object of this kind and name is still needed. */
export type Needs = (resource: Resource, name: string) => boolean

/**
 * Removes what was deployed for a pipeline, but those that are needed, whoever made it and when: the API server
 * is asked, since no mirror has seen what was made a moment ago. It is done when each removal was accepted: an object that
 * stays after that has finalizers of others, who take their time. Answers what was refused.
 */
export async function removeChildren(deps: RemoveDeps, parent: ObjectMeta, needs: Needs): Promise<readonly Refusal[]> {
  if (parent.name.length > longestName) return []
  const refused: Refusal[] = []
  const refuse = (thrown: unknown): void => void refused.push({ isConflict: false, text: failureText(thrown) })
  for (const resource of kinds) {
    const children = await listOwned(deps.client, resource, parent).catch(async (thrown: unknown) => {
      if (await isMissed(deps, resource, thrown)) refuse(thrown)
      return []
    })
    for (const metadata of children) {
      if (!deps.mayWrite()) return []
      if (!needs(resource, metadata.name)) await remove(deps.client, resource, metadata).catch(refuse)
    }
  }
  return refused
}

/**
 * Whether somebody has to know of a kind that cannot be listed. One that is not made here is seldom there, and nobody has to
 * have the right to list it; but one that is there and scales what is made here would do so for ever.
 */
async function isMissed(
  { client, scaling: { by } }: RemoveDeps,
  resource: Resource,
  thrown: unknown
): Promise<boolean> {
  if (made[by].includes(resource)) return true
  if (isFailure(thrown, 403) && by === 'autoscaler' && resource === scaledObjects) return isServed(client, resource)
  return !(isFailure(thrown, 404) || isFailure(thrown, 403))
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

/** An object that has come in its place meanwhile stays. */
async function remove(client: ApiClient, resource: Resource, { namespace, name, uid }: ObjectMeta): Promise<void> {
  const body = { propagationPolicy: 'Background', preconditions: { uid } }
  await client.call('DELETE', objectPath(resource, { namespace, name }), { body }).catch((thrown: unknown) => {
    if (!isFailure(thrown, 404) && !isFailure(thrown, 409)) throw thrown
  })
}
