import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { apply, conflictsOf } from '../client/apply.ts'
import { Mirror } from '../client/mirror.ts'
import { objectKey, type KubernetesObject, type ObjectMeta } from '../client/object.ts'
import { collectionPath, objectPath, type Resource } from '../client/resource.ts'
import { resources } from '../resources.ts'
import { deploymentState, knativeState, type ChildState } from './child-state.ts'
import { allChildren, pipelineLabel } from './child-labels.ts'
import type { Bounds, Child } from './desired-children.ts'
import { manager } from './manager.ts'

export interface ChildrenDeps {
  readonly client: ApiClient
  readonly namespace: string | undefined
  readonly knative: boolean
  /** Looked at before each write. */
  readonly mayWrite: () => boolean
  /** Something of a pipeline (`namespace/name`) has changed. */
  readonly onChange: (pipeline: string) => void
  readonly onAway: (cause: unknown) => void
  /** The controller applies its objects again after so long, in milliseconds. */
  readonly againMs?: number
}

const usualAgainMs = 600_000

interface Known {
  readonly object: KubernetesObject
  readonly pipeline: string
  /** The uid of the pipeline that it was made for. */
  readonly owner: string | undefined
  readonly state: ChildState
  readonly replicas: number
  readonly generation: number | undefined
}

/** The API server did not do something. */
export interface Refusal {
  /** A person, or another program, has set fields that are ours. */
  readonly isConflict: boolean
  readonly text: string
}

/** The objects that are deployed for pipelines: made as they should be, and taken away when nobody wants them any more. */
export class Children implements AsyncDisposable {
  readonly #deps: ChildrenDeps
  readonly #mirror: Mirror<KubernetesObject, Known>
  /**
   * The text that was applied last, by child, so that nothing is written twice. It counts for a while only: nobody
   * watches Services and autoscalers, which somebody may remove.
   */
  readonly #applied = new Map<string, { readonly text: string; readonly until: number }>()
  /** Those of which it is known that they have no autoscaler. */
  readonly #unscaled = new Set<string>()

  constructor(deps: ChildrenDeps) {
    this.#deps = deps
    const { client, namespace, knative, onChange, onAway } = deps
    this.#mirror = new Mirror<KubernetesObject, Known>(client, {
      path: collectionPath(knative ? resources.knativeServices : resources.deployments, namespace),
      query: { labelSelector: allChildren },
      project: object => knownOf(object, knative),
      onChange: (key, now, before) => {
        // Somebody may have changed or removed what was applied.
        if (now?.generation !== before?.generation) this.#forget(key)
        onChange((now ?? before)?.pipeline ?? '')
      },
      onAway
    })
  }

  get listed(): Promise<void> {
    return this.#mirror.listed
  }

  /** `undefined`: it is not there, or not seen yet. */
  stateOf(namespace: string, child: string): ChildState | undefined {
    return this.#mirror.get(`${namespace}/${child}`)?.state
  }

  /** Makes what is wanted for a pipeline. Answers what was refused, a sentence each. */
  async make(parent: ObjectMeta, wanted: readonly Child[]): Promise<readonly Refusal[]> {
    const refused: Refusal[] = []
    for (const { resource, object } of wanted) {
      const key = `${resource.plural} ${objectKey(object)}`
      const text = JSON.stringify(object)
      if (this.#isApplied(key, text) || !this.#deps.mayWrite()) continue
      try {
        await apply(this.#deps.client, resource, object, { manager })
        const { againMs = usualAgainMs } = this.#deps
        // Not all at once: after a start all of them are applied in the same moment.
        this.#applied.set(key, { text, until: performance.now() + againMs * (1 - Math.random() / 2) })
      } catch (thrown) {
        refused.push(refusalOf(resource, object, thrown))
      }
    }
    refused.push(...(await this.#removeOthers(parent, wanted)))
    return refused
  }

  /** Has a Deployment run as many replicas as it may. Answers what was refused. */
  async scale(namespace: string, child: string, bounds: Pick<Bounds, 'min' | 'max'>): Promise<readonly Refusal[]> {
    const known = this.#mirror.get(`${namespace}/${child}`)
    if (known === undefined || this.#deps.knative) return []
    const replicas = Math.min(Math.max(known.replicas, bounds.min), bounds.max)
    if (replicas === known.replicas || !this.#deps.mayWrite()) return []
    try {
      const path = `${objectPath(resources.deployments, { namespace, name: child })}/scale`
      const contentType = 'application/merge-patch+json'
      await this.#deps.client.call('PATCH', path, {
        contentType,
        query: { fieldManager: manager },
        body: { spec: { replicas } }
      })
      return []
    } catch (thrown) {
      return [{ isConflict: false, text: failureText(thrown) }]
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mirror[Symbol.asyncDispose]()
  }

  /** Another process may have led, or somebody may have changed something: all is applied again. */
  forget(): void {
    this.#applied.clear()
    this.#unscaled.clear()
  }

  #isApplied(key: string, text: string): boolean {
    const applied = this.#applied.get(key)
    return applied?.text === text && performance.now() < applied.until
  }

  #forget(key: string): void {
    for (const applied of this.#applied.keys()) if (applied.endsWith(` ${key}`)) this.#applied.delete(applied)
  }

  /** Children of steps that are not deployed any more, and autoscalers of those that do not scale. */
  async #removeOthers({ uid }: ObjectMeta, wanted: readonly Child[]): Promise<readonly Refusal[]> {
    const names = (of: Resource): ReadonlySet<string> =>
      new Set(wanted.flatMap(({ resource, object }) => (resource === of ? [objectKey(object)] : [])))
    const { knative } = this.#deps
    const kept = names(knative ? resources.knativeServices : resources.deployments)
    const scaled = names(resources.autoscalers)
    const refused: Refusal[] = []
    for (const [key, known] of this.#mirror.entries) {
      if (known.owner !== uid || !this.#deps.mayWrite()) continue
      if (scaled.has(key)) this.#unscaled.delete(key)
      else if (!knative && !this.#unscaled.has(key)) {
        refused.push(...(await this.#remove(resources.autoscalers, key)))
        if (refused.length === 0) this.#unscaled.add(key)
      }
      if (kept.has(key)) continue
      for (const resource of knative ? [resources.knativeServices] : [resources.deployments, resources.services]) {
        refused.push(...(await this.#remove(resource, key)))
      }
    }
    return refused
  }

  async #remove(resource: Resource, key: string): Promise<readonly Refusal[]> {
    const [namespace, name = ''] = key.split('/')
    this.#applied.delete(`${resource.plural} ${key}`)
    try {
      await this.#deps.client.call('DELETE', objectPath(resource, { namespace, name }))
      return []
    } catch (thrown) {
      return isFailure(thrown, 404) ? [] : [{ isConflict: false, text: failureText(thrown) }]
    }
  }
}

function knownOf(object: KubernetesObject, knative: boolean): Known {
  const { namespace, labels: own = {} } = object.metadata
  const pipeline = `${namespace ?? 'default'}/${own[pipelineLabel] ?? ''}`
  // oxlint-disable typescript/no-unsafe-type-assertion -- of the kind that is watched
  const deployed = object as Parameters<typeof deploymentState>[0]
  const state = knative ? knativeState(object) : deploymentState(deployed)
  // oxlint-enable typescript/no-unsafe-type-assertion
  return {
    object: { metadata: object.metadata },
    pipeline,
    owner: object.metadata.ownerReferences?.[0]?.uid,
    state,
    replicas: deployed.spec.replicas ?? 1,
    generation: object.metadata.generation
  }
}

function refusalOf({ kind }: Resource, object: KubernetesObject, thrown: unknown): Refusal {
  const conflicts = conflictsOf(thrown)
  if (conflicts === undefined) return { isConflict: false, text: failureText(thrown) }
  const { name } = object.metadata
  return {
    isConflict: true,
    text: `somebody else has changed the ${kind} ${name}, which stays so: ${conflicts.join(', ')}`
  }
}
