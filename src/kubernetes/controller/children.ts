import { failureText } from '../client/api-failure.ts'
import type { ObjectMeta } from '../client/object.ts'
import { objectPath } from '../client/resource.ts'
import { resources } from '../resources.ts'
import { AppliedChildren, type AppliedChildrenDeps } from './applied-children.ts'
import type { Bounds } from './bounds.ts'
import { childKey, type Child } from './child.ts'
import type { ChildState } from './child-state.ts'
import { manager } from './manager.ts'
import type { Refusal } from './refusal.ts'
import { removeChildren, type Needs } from './remove-children.ts'
import { SeenChildren, type SeenChildrenDeps } from './seen-children.ts'

export interface ChildrenDeps extends Omit<SeenChildrenDeps, 'onEdit'>, AppliedChildrenDeps {}

const nothing: Needs = () => false

/** The objects that are deployed for pipelines: made as they should be, and taken away when nobody wants them any more. */
export class Children implements AsyncDisposable {
  readonly #deps: ChildrenDeps
  readonly #seen: SeenChildren
  readonly #applied: AppliedChildren
  /** By the uid of a pipeline, those beside which it has no others. */
  readonly #alone = new Map<string, string>()

  constructor(deps: ChildrenDeps) {
    this.#deps = deps
    this.#applied = new AppliedChildren(deps)
    const onEdit = (child: string): void => this.#applied.forget(key => key.endsWith(` ${child}`))
    this.#seen = new SeenChildren({ ...deps, onEdit })
  }

  get listed(): Promise<void> {
    return this.#seen.listed
  }

  /** `undefined`: it is not there, not seen yet, or not made for this pipeline. */
  stateOf(pipeline: ObjectMeta, child: string): ChildState | undefined {
    return this.#seen.stateOf(pipeline, child)
  }

  /** The names of what runs for the pipeline with this uid, but those in `names`. */
  othersOf(owner: string, names: ReadonlySet<string>): ReadonlySet<string> {
    return new Set(this.#seen.namesOf(owner).filter(name => !names.has(name)))
  }

  /** Makes what is wanted for a pipeline, and removes the rest, but what is still needed by its name. Answers what was refused. */
  async make(parent: ObjectMeta, wanted: readonly Child[], needs: Needs = nothing): Promise<readonly Refusal[]> {
    const keys = wanted.map(({ resource, object }) => childKey(resource, object))
    // First, so that no two scale the same, and names are free.
    const refused = await this.#removeOthers(parent, keys, needs)
    return [...refused, ...(await this.#applied.make(parent, wanted))]
  }

  /** Has a Deployment run as many replicas as it may. Answers what was refused. */
  async scale(
    pipeline: ObjectMeta,
    child: string,
    { min, max }: Pick<Bounds, 'min' | 'max'>
  ): Promise<readonly Refusal[]> {
    const now = this.#seen.replicasOf(pipeline, child)
    if (now === undefined || this.#deps.scaling.by === 'knative') return []
    const replicas = Math.min(Math.max(now, min), max)
    if (replicas === now || !this.#deps.mayWrite()) return []
    try {
      const path = `${objectPath(resources.deployments, { namespace: pipeline.namespace, name: child })}/scale`
      const contentType = 'application/merge-patch+json'
      const body = { spec: { replicas } }
      await this.#deps.client.call('PATCH', path, { contentType, query: { fieldManager: manager }, body })
      return []
    } catch (thrown) {
      return [{ isConflict: false, text: failureText(thrown) }]
    }
  }

  /** Removes all of a pipeline. Answers what was refused. */
  removeAll(parent: ObjectMeta): Promise<readonly Refusal[]> {
    this.#alone.delete(parent.uid ?? '')
    this.#applied.keepOnly(parent.uid, [])
    return removeChildren(this.#deps, parent, nothing)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#seen[Symbol.asyncDispose]()
  }

  /** Another process may have led, or somebody may have changed something: all is applied again. */
  forget(): void {
    this.#applied.forgetAll()
    this.#alone.clear()
  }

  /** Of steps that are not deployed any more, and scalers of those that are scaled otherwise: looked for when others are wanted. */
  async #removeOthers(parent: ObjectMeta, wanted: readonly string[], needs: Needs): Promise<readonly Refusal[]> {
    const { uid = '' } = parent
    const text = wanted.join()
    if (this.#alone.get(uid) === text || (wanted.length === 0 && this.#seen.namesOf(uid).length === 0)) return []
    let isAlone = true
    const refused = await removeChildren(this.#deps, parent, (resource, name) => {
      if (wanted.includes(childKey(resource, { metadata: { ...parent, name } }))) return true
      const isNeeded = needs(resource, name)
      if (isNeeded) isAlone = false
      return isNeeded
    })
    if (refused.length === 0 && isAlone) {
      this.#alone.set(uid, text)
      this.#applied.keepOnly(uid, wanted)
    }
    return refused
  }
}
