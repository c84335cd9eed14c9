import type { ApiClient } from './api-client.ts'
import { ApiFailure } from './api-failure.ts'
import type { KubernetesObject } from './object.ts'
import { objectPath, type Resource } from './resource.ts'

export interface ApplyOptions {
  /** The name of the one who owns the fields. */
  readonly manager: string
  /** Takes fields over that somebody else has set; else that is a conflict. */
  readonly force?: boolean
  readonly subresource?: 'status' | 'scale'
}

/** Makes the fields of an object so, and leaves all others to whom they belong. Throws ApiFailure. */
export const apply = <T extends KubernetesObject>(
  client: ApiClient,
  resource: Resource,
  object: KubernetesObject,
  { manager, force = false, subresource }: ApplyOptions
): Promise<T> => {
  const { namespace, name } = object.metadata
  const path = objectPath(resource, { namespace, name })
  return client.call('PATCH', subresource === undefined ? path : `${path}/${subresource}`, {
    query: { fieldManager: manager, force },
    contentType: 'application/apply-patch+yaml',
    body: object
  })
}

/** The fields that others have set to something else, with who did; `undefined`: it is not a conflict of fields. */
export function conflictsOf(thrown: unknown): readonly string[] | undefined {
  if (!(thrown instanceof ApiFailure) || thrown.status !== 409) return undefined
  const fields = thrown.causes.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`)
  return fields.length === 0 ? undefined : fields
}
