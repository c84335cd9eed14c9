import type { KubernetesObject } from '../client/object.ts'

export interface EndpointSlice extends KubernetesObject {
  readonly addressType?: string
  /** The API server writes `null` where there are none. */
  readonly endpoints?: readonly Endpoint[] | null
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean | null; readonly terminating?: boolean | null }
}

/** The endpoints of a slice. */
export interface EndpointCounts {
  /** A Service of both families has each replica in two slices. */
  readonly family: string
  readonly ready: number
  /** Not ready yet, or not any more; those that are being stopped are not among them. */
  readonly starting: number
}

export function countEndpoints({ addressType = 'IPv4', endpoints }: EndpointSlice): EndpointCounts {
  const all = (endpoints ?? []).map(({ conditions }) => conditions ?? {})
  return {
    family: addressType,
    // Where nobody says whether, it counts as ready.
    ready: all.filter(({ ready }) => ready !== false).length,
    starting: all.filter(({ ready, terminating }) => ready === false && terminating !== true).length
  }
}

/** Why nothing is ready, as a clause. */
export function reasonOf(counts: readonly EndpointCounts[]): string {
  const byFamily = Map.groupBy(counts, ({ family }) => family)
  const starting = Math.max(...[...byFamily.values()].map(each => each.reduce((sum, one) => sum + one.starting, 0)))
  if (starting <= 0) return 'no replica of it runs'
  return starting === 1 ? 'its replica is not ready' : `none of its ${starting} replicas is ready`
}
