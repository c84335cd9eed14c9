import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { apply } from '../client/apply.ts'
import type { ObjectMeta } from '../client/object.ts'
import { apiVersionOf, type Resource } from '../client/resource.ts'
import type { Refusal } from './children.ts'
import { finalizer, manager } from './manager.ts'

interface HoldDeps {
  readonly client: ApiClient
  readonly resource: Resource
  readonly mayWrite: () => boolean
}

/** Keeps a pipeline until it is let go: nothing goes before what is in flight has ended. Answers what was refused. */
export async function hold(
  { client, resource, mayWrite }: HoldDeps,
  metadata: ObjectMeta
): Promise<readonly Refusal[]> {
  if (metadata.finalizers?.includes(finalizer) === true || !mayWrite()) return []
  try {
    await applyFinalizers(client, resource, metadata, [finalizer])
    return []
  } catch (thrown) {
    return isFailure(thrown, 404) ? [] : [{ isConflict: false, text: failureText(thrown) }]
  }
}

/** It is gone from here on; what it owns goes after it. Throws what the client throws. */
export async function letGo({ client, resource, mayWrite }: HoldDeps, metadata: ObjectMeta): Promise<void> {
  if (!mayWrite()) return
  await applyFinalizers(client, resource, metadata, []).catch((thrown: unknown) => {
    if (!isFailure(thrown, 404)) throw thrown
  })
}

/** The uid, so that another one of the same name is not made by that. */
function applyFinalizers(
  client: ApiClient,
  resource: Resource,
  { name, namespace, uid }: ObjectMeta,
  finalizers: readonly string[]
) {
  const metadata = {
    name,
    finalizers,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid })
  }
  const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata }
  return apply(client, resource, object, { manager })
}
