import type { KubernetesObject } from '../client/object.ts'

/** How a child does. */
export interface ChildState {
  readonly desired: number
  readonly ready: number
  /** Something of an older version still runs. */
  readonly rolls: boolean
  /** It was ready at some time. */
  readonly wasReady: boolean
  /** Why it cannot become ready, in the words of Kubernetes. */
  readonly fault: string | undefined
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

export interface DeploymentObject extends KubernetesObject {
  readonly spec: { readonly replicas?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface KnativeServiceObject extends KubernetesObject {
  readonly status?: {
    readonly observedGeneration?: number
    readonly conditions?: readonly Condition[]
    readonly latestReadyRevisionName?: string
    readonly latestCreatedRevisionName?: string
  }
}

/** The replicas of a revision, as Knative counts them. */
export interface RevisionReplicas {
  readonly name: string
  /** Less than zero: Knative does not know yet. */
  readonly desired: number
  readonly actual: number
}

export function deploymentState({ metadata, spec, status = {} }: DeploymentObject): ChildState {
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, observedGeneration = 0, conditions = [] } = status
  const desired = spec.replicas ?? 1
  const isSeen = observedGeneration >= (metadata.generation ?? 0)
  const failing = conditions.find(
    ({ type, status: is }) => (type === 'ReplicaFailure' && is === 'True') || (type === 'Progressing' && is === 'False')
  )
  return {
    desired,
    ready: readyReplicas,
    rolls: readyReplicas > 0 && (!isSeen || updatedReplicas < Math.min(replicas, desired) || replicas > desired),
    wasReady: readyReplicas > 0 || conditions.some(({ type, status: is }) => type === 'Available' && is === 'True'),
    fault: failing?.message
  }
}

/** Knative says whether it is ready, and scales by itself: to zero too, which is ready as well. */
export function knativeState(
  { metadata, status = {} }: KnativeServiceObject,
  revisions: readonly RevisionReplicas[]
): ChildState {
  const { conditions = [], observedGeneration = 0, latestReadyRevisionName = '', latestCreatedRevisionName } = status
  const ready = conditions.find(({ type }) => type === 'Ready')
  const routes = conditions.find(({ type }) => type === 'RoutesReady')
  const serves = latestReadyRevisionName !== '' && (routes ?? ready)?.status !== 'False'
  const isSeen = observedGeneration >= (metadata.generation ?? 0)
  // Nobody wants those that others have taken the place of.
  const wanted = revisions.filter(({ name }) => name === latestReadyRevisionName || name === latestCreatedRevisionName)
  return {
    desired: wanted.reduce((sum, { desired }) => sum + Math.max(0, desired), 0),
    ready: revisions.reduce((sum, { actual }) => sum + actual, 0),
    rolls: serves && (!isSeen || (latestCreatedRevisionName ?? '') !== latestReadyRevisionName),
    wasReady: ready?.status === 'True' || serves,
    fault: isSeen && ready?.status === 'False' ? (ready.message ?? ready.reason) : undefined
  }
}
