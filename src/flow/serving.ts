import { SluiceError } from '../errors.ts'
import { mayStream } from '../pipeline/last-steps.ts'
import { stepsOf } from '../pipeline/nodes-of.ts'
import type { Node } from '../pipeline/node.ts'
import { flowFor, type Origin } from '../pipeline/origin.ts'
import type { Plan } from '../pipeline/plan.ts'
import { isNestedName, unresolvedAdvice } from '../pipeline/unresolved.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import type { Admission } from './admission.ts'
import { createDeadLetterSender } from './dead-letter-sender.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Request } from './request.ts'
import { createRun, type Run } from './run.ts'
import type { RunDeps } from './run-deps.ts'

export interface ServingDeps extends Omit<RunDeps, 'metrics'> {
  readonly metrics: Metrics
  /** Why headers of destinations have no value at this moment; empty: all have one. */
  readonly missingHeaders: (headers: Plan['headers']) => readonly string[]
}

interface Tied {
  readonly run: Run
  readonly metrics: PipelineMetrics
  readonly mayStream: Readonly<Record<Origin, boolean>>
}

/**
 * A plan that is served: tied to what runs it on its first request, so that ten thousand pipelines cost ten thousand
 * plans and no more.
 */
export class Serving {
  readonly plan: Plan
  /** The part that all generations of the pipeline share. */
  readonly admission: Admission
  /** The number of the plan's definition: counted in memory, until the store is open and has numbered it. */
  generation: number
  readonly #deps: ServingDeps
  #tied: Tied | undefined
  #concurrent = 0
  #running = 0

  constructor(plan: Plan, generation: number, admission: Admission, deps: ServingDeps) {
    this.plan = plan
    this.admission = admission
    this.generation = generation
    this.#deps = deps
  }

  get run(): Run {
    return this.#tie().run
  }

  /** Sends what a node got, or would have got, to its dead letter sink: the request is over before the node was run. */
  async sendDeadLetter(node: Node, input: CloudEvent, error: SluiceError, request: Request): Promise<void> {
    await createDeadLetterSender(this.plan, node, { ...this.#deps, metrics: this.metrics })(input, error, request)
  }

  get metrics(): PipelineMetrics {
    return this.#tie().metrics
  }

  /** Whether the reply of a request may come bit by bit. */
  mayStream(origin: Origin): boolean {
    return this.#tie().mayStream[origin]
  }

  /** A stored request of it runs. */
  began(): void {
    this.#running++
    this.metrics.started()
  }

  /** The run is over, whatever becomes of the request. */
  ended(): void {
    this.#running--
    this.metrics.ran()
  }

  /** Stored requests of it that run. */
  get storedInFlight(): number {
    return this.#running
  }

  /** Requests of it that run, or whose answer has not left. */
  get inFlight(): number {
    return this.#running + this.#concurrent
  }

  /** Whether any request of it has come yet, so that it is tied to what runs it. */
  get isTied(): boolean {
    return this.#tied !== undefined
  }

  /** Throws PIPELINE_NOT_READY while a destination has no address, a header of it no value, or a needed pipeline is not there. */
  checkReady(): void {
    const { blocked } = this.admission
    if (blocked !== undefined) throw new SluiceError('PIPELINE_NOT_READY', blocked)
    this.#checkOwn(this.plan.unresolved)
  }

  /** The same for a request that is answered before it runs, and may wait for other pipelines. */
  checkAcceptable(): void {
    const { unresolved } = this.plan
    this.#checkOwn(unresolved.length === 0 ? unresolved : unresolved.filter(name => !isNestedName(name)))
  }

  #checkOwn(unresolved: readonly string[]): void {
    const { headers } = this.plan
    if (headers.length > 0) this.#checkHeaders(headers)
    if (unresolved.length === 0) return
    throw new SluiceError(
      'PIPELINE_NOT_READY',
      `nothing resolves ${unresolved.join(', ')} here; ${unresolvedAdvice(unresolved)}`
    )
  }

  #checkHeaders(headers: Plan['headers']): void {
    const missing = this.#deps.missingHeaders(headers)
    if (missing.length > 0) throw new SluiceError('PIPELINE_NOT_READY', missing.join('; '))
  }

  /** Throws OVERLOADED when there is no place for a synchronous request, PAUSED and PIPELINE_NOT_READY. */
  checkRoom(): void {
    this.admission.checkOpen()
    this.checkReady()
    const { limits } = this.plan
    if (this.admission.concurrent < limits.maxConcurrent) return
    this.#deps.metrics.shed('OVERLOADED')
    throw new SluiceError('OVERLOADED', `the pipeline runs ${limits.maxConcurrent} requests at once already`)
  }

  /** Takes a place among the synchronous requests, to be given back by `leave`. Throws as `checkRoom` does. */
  enter(): void {
    this.checkRoom()
    this.#concurrent++
    this.admission.concurrent++
    this.metrics.started()
  }

  /** The answer has left, or nobody is there to take it. */
  leave(): void {
    this.#concurrent--
    this.admission.concurrent--
    this.metrics.ran()
  }

  #tie(): Tied {
    if (this.#tied !== undefined) return this.#tied
    const { plan } = this
    const names = stepsOf(plan.flow)
      .map(({ label }) => label)
      .toArray()
    const metrics = this.#deps.metrics.forPipeline(plan.pipeline, names)
    const deps = { ...this.#deps, metrics }
    this.#tied = {
      run: createRun(plan, deps),
      metrics,
      mayStream: { caller: mayStream(flowFor(plan, 'caller')), source: mayStream(flowFor(plan, 'source')) }
    }
    return this.#tied
  }
}
