import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { apply } from '../client/apply.ts'
import type { ObjectMeta } from '../client/object.ts'
import { apiVersionOf, objectPath, type Resource } from '../client/resource.ts'
import { finalizer, manager } from './manager.ts'
import type { Refusal } from './refusal.ts'

interface FinalizerDeps {
  readonly client: ApiClient
  readonly resource: Resource
  readonly mayWrite: () => boolean
}

/** Keeps a pipeline until the finalizer is removed: nothing goes before what is in flight has ended. Answers what was refused. */
export async function addFinalizer(
  { client, resource, mayWrite }: FinalizerDeps,
  metadata: ObjectMeta
): Promise<readonly Refusal[]> {
  if (metadata.finalizers?.includes(finalizer) === true || !mayWrite()) return []
  try {
    const { name, namespace, uid } = metadata
    // The uid, so that another one of the same name is not made by that.
    const held = {
      name,
      finalizers: [finalizer],
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid })
    }
    const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: held }
    await apply(client, resource, object, { manager })
    return []
  } catch (thrown) {
    return isFailure(thrown, 404) ? [] : [{ isConflict: false, text: failureText(thrown) }]
  }
}

/**
 * It is gone from here on, unless somebody else holds it too. A patch takes our finalizer alone: an apply without it would take
 * along those that belong to nobody, such as `orphan`, by which a person keeps the children. Throws what the client throws.
 */
export async function removeFinalizer(
  { client, resource, mayWrite }: FinalizerDeps,
  metadata: ObjectMeta
): Promise<void> {
  const { namespace, name, uid, finalizers = [] } = metadata
  const place = `/metadata/finalizers/${finalizers.indexOf(finalizer)}`
  if (!mayWrite()) return
  const body = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: place, value: finalizer },
    { op: 'remove', path: place }
  ]
  const contentType = 'application/json-patch+json'
  const query = { fieldManager: manager }
  await client
    .call('PATCH', objectPath(resource, { namespace, name }), { contentType, query, body })
    .catch((thrown: unknown) => {
      if (!isFailure(thrown, 404)) throw thrown
    })
}
