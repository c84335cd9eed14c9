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
  readonly status?: { readonly conditions?: readonly Condition[]; readonly latestReadyRevisionName?: string }
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

/** Knative says that it is ready, and scales it by itself. */
export function knativeState({ status = {} }: KnativeServiceObject): ChildState {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const isReady = ready?.status === 'True'
  return {
    desired: 1,
    ready: isReady ? 1 : 0,
    rolls: false,
    wasReady: isReady || (status.latestReadyRevisionName ?? '') !== '',
    fault: ready?.status === 'False' ? (ready.message ?? ready.reason) : undefined
  }
}
