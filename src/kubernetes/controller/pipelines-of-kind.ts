import { failureText, isFailure } from '../client/api-failure.ts'
import { Mirror } from '../client/mirror.ts'
import { collectionPath, type Resource } from '../client/resource.ts'
import { resources } from '../resources.ts'
import type { ControllerMetrics } from './controller-metrics.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { PipelineWork, type PipelineWorkDeps } from './pipeline-work.ts'
import { seenPipeline, type PipelineObject, type SeenPipeline } from './seen-pipeline.ts'

export interface PipelinesOfKindDeps extends Omit<PipelineWorkDeps, 'seen' | 'resource'> {
  /** `undefined`: all. */
  readonly namespace: string | undefined
  readonly metrics: ControllerMetrics
  /** A pipeline has changed, which the other kind may have too. */
  readonly onChange: (key: string) => void
  /** Pipelines that nest others may have to be looked at again. */
  readonly onList: () => void
}

/** The pipelines of one kind, and the work on them. */
export class PipelinesOfKind implements AsyncDisposable {
  readonly #mirror: Mirror<PipelineObject, SeenPipeline>
  readonly #work: PipelineWork
  readonly #queue: KeyedQueue

  constructor(resource: Resource, deps: PipelinesOfKindDeps) {
    const { client, namespace, mayWrite, metrics, tell, onChange, onList } = deps
    this.#work = new PipelineWork({ ...deps, resource, seen: key => this.#mirror.get(key) })
    this.#queue = new KeyedQueue({
      handle: key => (mayWrite() ? this.#work.reconcile(key) : Promise.resolve(undefined)),
      onFault: (key, thrown) => {
        metrics.faults.labels().add(1)
        tell(`${key}: ${failureText(thrown)}`)
      }
    })
    this.#mirror = new Mirror<PipelineObject, SeenPipeline>(client, {
      path: collectionPath(resource, namespace),
      project: (object, before) => seenPipeline(object, before, resource.kind),
      onChange,
      onList,
      // An API server with older definitions of resources does not know Pipelines.
      onAway: cause => {
        if (resource !== resources.pipelines || !isFailure(cause, 404)) tell(failureText(cause))
      }
    })
  }

  /** Something is pausing or being deleted. */
  get isUrgent(): boolean {
    return this.#work.isUrgent
  }

  /** How many wait to be looked at. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Why they cannot be seen; `undefined`: they can. */
  get fault(): string | undefined {
    if (this.#mirror.isListed) return undefined
    return failureText(this.#mirror.away ?? 'pipelines are being listed')
  }

  get(key: string): SeenPipeline | undefined {
    return this.#mirror.get(key)
  }

  look(key: string): void {
    this.#queue.add(key)
  }

  lookAtAll(): void {
    for (const [key] of this.#mirror.entries) this.#queue.add(key)
  }

  /** Nothing is under way afterwards. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue[Symbol.asyncDispose]()
    await this.#mirror[Symbol.asyncDispose]()
  }
}
