import { Serving, type ServingDeps } from '../flow/serving.ts'
import type { Plan } from '../pipeline/plan.ts'

/** The pipelines that are served, by `namespace/name`. */
export class Registry {
  readonly #servings = new Map<string, Serving>()
  readonly #deps: ServingDeps

  constructor(deps: ServingDeps) {
    this.#deps = deps
  }

  put(plan: Plan): void {
    this.#servings.set(plan.pipeline, new Serving(plan, this.#deps))
  }

  get(pipeline: string): Serving | undefined {
    return this.#servings.get(pipeline)
  }

  /** The name of the pipeline's first step; `undefined`: it is not served here. */
  readonly firstStepOf = (pipeline: string): string | undefined => this.get(pipeline)?.plan.flow[0]?.name

  find(namespace: string, name: string): Serving | undefined {
    return this.#servings.get(`${namespace}/${name}`)
  }
}
