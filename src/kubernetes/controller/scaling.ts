import type { ApiClient } from '../client/api-client.ts'
import { isFailure } from '../client/api-failure.ts'
import type { Resource } from '../client/resource.ts'
import { resources } from '../resources.ts'
import { Discovery, UnknownKind } from '../cluster/discovery.ts'

/**
 * The parts of this cluster that scale deployed steps.
 *
 * - knative:    Knative Services, which run and scale by themselves, to zero too
 * - keda:       Deployments, and KEDA by what waits and is under way, to zero too
 * - autoscaler: Deployments, and a HorizontalPodAutoscaler by processor time, down to one replica
 */
export type Scaling =
  | { readonly by: 'knative' }
  | {
      readonly by: 'keda'
      /** Where KEDA reads the metrics of the gateways. */
      readonly prometheusUrl: string
    }
  | { readonly by: 'autoscaler' }

/** By the kinds that the API server knows now: it is not asked again. Throws what the client throws. */
export async function findScaling(client: ApiClient, prometheusUrl: string | undefined): Promise<Scaling> {
  if (await isServed(client, resources.knativeServices)) return { by: 'knative' }
  if (prometheusUrl === undefined || !(await isServed(client, resources.scaledObjects))) return { by: 'autoscaler' }
  return { by: 'keda', prometheusUrl }
}

/** Whether the API server knows the kind. Throws what the client throws. */
export const isServed = (client: ApiClient, { group, version, kind }: Resource): Promise<boolean> =>
  new Discovery(client).find(group, version, kind).then(
    () => true,
    (thrown: unknown) => {
      if (thrown instanceof UnknownKind || isFailure(thrown, 404)) return false
      throw thrown
    }
  )
