import { SluiceError } from '../errors.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import type { Deliver } from '../delivery/deliver.ts'
import { createBurial } from './burial.ts'
import { createReplyDelivery } from './reply-delivery.ts'
import type { Position, Request } from './request.ts'
import { createRun, type Run } from './run.ts'
import type { RunDeps } from './run-deps.ts'

export interface ServingDeps extends Omit<RunDeps, 'metrics'> {
  readonly metrics: Metrics
}

interface Tied {
  readonly run: Run
  readonly deliverReply: Deliver | undefined
  readonly metrics: PipelineMetrics
}

/**
 * A plan that is served: tied to what runs it on its first request, so that ten thousand pipelines cost ten thousand
 * plans and no more.
 */
export class Serving {
  readonly plan: Plan
  readonly #deps: ServingDeps
  #tied: Tied | undefined
  #concurrent = 0

  constructor(plan: Plan, deps: ServingDeps) {
    this.plan = plan
    this.#deps = deps
  }

  get run(): Run {
    return this.#tie().run
  }

  /** Sends the reply event to `spec.reply`; `undefined`: the pipeline has none. */
  get deliverReply(): Deliver | undefined {
    return this.#tie().deliverReply
  }

  /**
   * Sends what a stored request failed with outside of its steps to the dead letter sink: what the next step would have
   * got, when the request is over before that is called, and behind the last step the reply.
   */
  async bury({ next, event }: Position, error: SluiceError, request: Request): Promise<void> {
    const failing = this.plan.steps[next] ?? this.plan.reply
    if (failing === undefined) return
    await createBurial(this.plan, failing, { ...this.#deps, metrics: this.metrics })(event, error, request)
  }

  get metrics(): PipelineMetrics {
    return this.#tie().metrics
  }

  /** Throws PIPELINE_NOT_READY while a destination has no address. */
  checkReady(): void {
    const { unresolved } = this.plan
    if (unresolved.length === 0) return
    throw new SluiceError(
      'PIPELINE_NOT_READY',
      `nothing resolves ${unresolved.join(', ')} here; start the gateway with --resolve NAME=URL`
    )
  }

  /** Throws OVERLOADED when there is no place for a synchronous request, and PIPELINE_NOT_READY. */
  checkRoom(): void {
    this.checkReady()
    const { limits } = this.plan
    if (this.#concurrent < limits.maxConcurrent) return
    this.#deps.metrics.shed('OVERLOADED')
    throw new SluiceError('OVERLOADED', `the pipeline runs ${limits.maxConcurrent} requests at once already`)
  }

  /** Takes a place among the synchronous requests, to be given back by `leave`. Throws as `checkRoom` does. */
  enter(): void {
    this.checkRoom()
    this.#concurrent++
    this.metrics.started()
  }

  /** The answer has left, or nobody is there to take it. */
  leave(): void {
    this.#concurrent--
    this.metrics.ran()
  }

  #tie(): Tied {
    if (this.#tied !== undefined) return this.#tied
    const { plan } = this
    const names = plan.steps.map(step => step.name)
    const metrics = this.#deps.metrics.forPipeline(plan.pipeline, names)
    const deps = { ...this.#deps, metrics }
    this.#tied = { run: createRun(plan, deps), deliverReply: createReplyDelivery(plan, deps), metrics }
    return this.#tied
  }
}
