import { Serving, type ServingDeps } from '../flow/serving.ts'
import type { Plan } from '../pipeline/plan.ts'

/** The number of a definition before a store has given it one. */
const firstGeneration = 1

/** The pipelines that are served, by `namespace/name`: the current generation of each. */
export class Registry {
  readonly #servings = new Map<string, Serving>()
  readonly #deps: ServingDeps

  constructor(deps: ServingDeps) {
    this.#deps = deps
  }

  put(plan: Plan): void {
    this.#servings.set(plan.pipeline, new Serving(plan, firstGeneration, this.#deps))
  }

  get(pipeline: string): Serving | undefined {
    return this.#servings.get(pipeline)
  }

  /** All that are served. */
  get servings(): readonly Serving[] {
    return [...this.#servings.values()]
  }

  /** A generation that is not current, for the requests that were accepted with it. */
  former(plan: Plan, generation: number): Serving {
    return new Serving(plan, generation, this.#deps)
  }

  /** The name of the pipeline's first step; `undefined`: it is not served here. */
  readonly firstStepOf = (pipeline: string): string | undefined => this.get(pipeline)?.plan.flow[0]?.name

  find(namespace: string, name: string): Serving | undefined {
    return this.#servings.get(`${namespace}/${name}`)
  }
}
