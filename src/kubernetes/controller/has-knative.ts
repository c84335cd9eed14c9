import type { ApiClient } from '../client/api-client.ts'
import { isFailure } from '../client/api-failure.ts'
import { resources } from '../resources.ts'
import { Discovery } from '../source/discovery.ts'

/** Whether Knative serves here; who may not ask, or installs it later, starts the controller again. */
export async function hasKnative(client: ApiClient): Promise<boolean> {
  const { group, version, kind } = resources.knativeServices
  return new Discovery(client).find(group, version, kind).then(
    () => true,
    (thrown: unknown) => {
      if (isFailure(thrown, 404)) return false
      throw thrown
    }
  )
}
