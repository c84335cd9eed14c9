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

  /** Names of the pipeline's steps; empty: it is not served here. */
  readonly stepsOf = (pipeline: string): readonly string[] =>
    this.get(pipeline)?.plan.steps.map(step => step.name) ?? []

  find(namespace: string, name: string): Serving | undefined {
    return this.#servings.get(`${namespace}/${name}`)
  }
}
