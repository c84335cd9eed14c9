import { SluiceError } from '../errors.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import { createRun, type Run, type RunDeps } from './run.ts'

export interface ServingDeps extends Omit<RunDeps, 'metrics'> {
  readonly metrics: Metrics
}

/**
 * A plan that is served: tied to what runs it on its first request, so that ten thousand pipelines cost ten thousand
 * plans and no more.
 */
export class Serving {
  readonly plan: Plan
  readonly #deps: ServingDeps
  #tied: { readonly run: Run; readonly metrics: PipelineMetrics } | undefined
  #concurrent = 0

  constructor(plan: Plan, deps: ServingDeps) {
    this.plan = plan
    this.#deps = deps
  }

  get run(): Run {
    return this.#tie().run
  }

  get metrics(): PipelineMetrics {
    return this.#tie().metrics
  }

  /** Takes a place among the synchronous requests; to be given back by `leave`. Throws OVERLOADED or PIPELINE_NOT_READY. */
  enter(): void {
    const { limits, unresolved } = this.plan
    if (unresolved.length > 0) {
      throw new SluiceError(
        'PIPELINE_NOT_READY',
        `nothing resolves ${unresolved.join(', ')} here; start the gateway with --resolve NAME=URL`
      )
    }
    if (this.#concurrent >= limits.maxConcurrent) {
      this.#deps.metrics.shed('OVERLOADED')
      throw new SluiceError('OVERLOADED', `the pipeline runs ${limits.maxConcurrent} requests at once already`)
    }
    this.#concurrent++
  }

  leave(): void {
    this.#concurrent--
  }

  #tie() {
    if (this.#tied !== undefined) return this.#tied
    const { plan } = this
    const names = plan.steps.map(step => step.name)
    const metrics = this.#deps.metrics.forPipeline(plan.pipeline, names)
    this.#tied = { run: createRun(plan, { ...this.#deps, metrics }), metrics }
    return this.#tied
  }
}
