import type { ApiClient } from '../client/api-client.ts'
import { isFailure } from '../client/api-failure.ts'
import { Mirror } from '../client/mirror.ts'
import type { KubernetesObject, ObjectMeta } from '../client/object.ts'
import { collectionPath } from '../client/resource.ts'
import { resources } from '../resources.ts'
import { allChildren, pipelineLabel } from '../child-labels.ts'
import {
  deploymentState,
  knativeState,
  type ChildState,
  type DeploymentObject,
  type KnativeServiceObject,
  type RevisionReplicas
} from './child-state.ts'
import type { Scaling } from './scaling.ts'

export interface SeenChildrenDeps {
  readonly client: ApiClient
  readonly namespace: string | undefined
  readonly scaling: Scaling
  /** Something of a pipeline (`namespace/name`) has changed. */
  readonly onChange: (pipeline: string) => void
  /** Somebody may have changed or removed a child (`namespace/name`). */
  readonly onEdit: (child: string) => void
  readonly onAway: (cause: unknown) => void
}

/** Of a Deployment, or of a Knative Service. */
interface SeenChild {
  readonly name: string
  readonly pipeline: string
  /** The uid of the pipeline that it was made for. */
  readonly owner: string | undefined
  readonly generation: number | undefined
  readonly replicas: number
  readonly stateWith: (revisions: readonly RevisionReplicas[]) => ChildState
}

interface SeenRevision extends RevisionReplicas {
  readonly pipeline: string
  /** `namespace/name` of the Knative Service. */
  readonly service: string
}

interface RevisionObject extends KubernetesObject {
  readonly status?: { readonly desiredReplicas?: number; readonly actualReplicas?: number }
}

/** The workloads of pipelines, as the API server has them. */
export class SeenChildren implements AsyncDisposable {
  readonly #mirror: Mirror<KubernetesObject, SeenChild>
  readonly #revisions: Mirror<RevisionObject, SeenRevision> | undefined

  constructor({ client, namespace, scaling, onChange, onEdit, onAway }: SeenChildrenDeps) {
    const isKnative = scaling.by === 'knative'
    const query = { labelSelector: allChildren }
    this.#mirror = new Mirror<KubernetesObject, SeenChild>(client, {
      path: collectionPath(isKnative ? resources.knativeServices : resources.deployments, namespace),
      query,
      project: isKnative ? seenService : seenDeployment,
      onChange: (key, now, before) => {
        if (now?.generation !== before?.generation) onEdit(key)
        onChange((now ?? before)?.pipeline ?? '')
      },
      onAway
    })
    if (!isKnative) return
    this.#revisions = new Mirror<RevisionObject, SeenRevision>(client, {
      path: collectionPath(resources.knativeRevisions, namespace),
      query,
      project: seenRevision,
      onChange: (_, now, before) => onChange((now ?? before)?.pipeline ?? ''),
      onAway: cause => {
        if (!isFailure(cause, 404)) onAway(cause)
      }
    })
  }

  /** Resolves with the first list. */
  get listed(): Promise<void> {
    return this.#mirror.listed
  }

  /** `undefined`: it is not there, not seen yet, or not made for this pipeline. */
  stateOf(pipeline: ObjectMeta, name: string): ChildState | undefined {
    const child = `${pipeline.namespace ?? 'default'}/${name}`
    const revisions = [...(this.#revisions?.values ?? [])].filter(({ service }) => service === child)
    return this.#of(pipeline, name)?.stateWith(revisions)
  }

  /** `undefined`: the same. */
  replicasOf(pipeline: ObjectMeta, name: string): number | undefined {
    return this.#of(pipeline, name)?.replicas
  }

  /** The names of what runs for the pipeline with this uid. */
  namesOf(owner: string): readonly string[] {
    return [...this.#mirror.values].flatMap(seen => (seen.owner === owner ? [seen.name] : []))
  }

  #of({ namespace = 'default', name: pipeline }: ObjectMeta, name: string): SeenChild | undefined {
    const seen = this.#mirror.get(`${namespace}/${name}`)
    return seen?.pipeline === `${namespace}/${pipeline}` ? seen : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#mirror[Symbol.asyncDispose](), this.#revisions?.[Symbol.asyncDispose]()])
  }
}

// oxlint-disable typescript/no-unsafe-type-assertion -- of the kind that is watched
function seenDeployment(object: KubernetesObject): SeenChild {
  const deployed = object as DeploymentObject
  const state = deploymentState(deployed)
  return { ...seenMeta(object.metadata), replicas: deployed.spec.replicas ?? 1, stateWith: () => state }
}

function seenService(object: KubernetesObject): SeenChild {
  const { metadata, status } = object as KnativeServiceObject
  const kept = { metadata, ...(status !== undefined && { status }) }
  return { ...seenMeta(metadata), replicas: 0, stateWith: revisions => knativeState(kept, revisions) }
}
// oxlint-enable typescript/no-unsafe-type-assertion

const pipelineOf = ({ namespace = 'default', labels = {} }: ObjectMeta): string =>
  `${namespace}/${labels[pipelineLabel] ?? ''}`

const seenMeta = (metadata: ObjectMeta) => ({
  name: metadata.name,
  pipeline: pipelineOf(metadata),
  owner: metadata.ownerReferences?.[0]?.uid,
  generation: metadata.generation
})

function seenRevision({ metadata, status = {} }: RevisionObject): SeenRevision {
  const { namespace = 'default', labels = {} } = metadata
  return {
    name: metadata.name,
    pipeline: pipelineOf(metadata),
    service: `${namespace}/${labels['serving.knative.dev/service'] ?? ''}`,
    desired: status.desiredReplicas ?? 0,
    actual: status.actualReplicas ?? 0
  }
}
