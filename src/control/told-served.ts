import type { Plan } from '../pipeline/plan.ts'
import { planOf, type Meaning } from './plan-of.ts'
import { withAddresses } from '../pipeline/compile-scope.ts'
import type { Served, ServedChanges, ToldChanges, ToldServed } from './served.ts'

/** Numbers plans, so that another process knows which one it has made already. */
const revisions = new WeakMap<Plan, number>()
let lastRevision = 0

/** As another process is told. */
export function toldServed({ plan, ...served }: Served): ToldServed {
  const { namespace, name, definition, addresses } = plan
  let revision = revisions.get(plan)
  if (revision === undefined) revisions.set(plan, (revision = ++lastRevision))
  return { ...served, namespace, name, definition, addresses, revision }
}

export const toldChanges = ({ put, removed }: ServedChanges): ToldChanges => ({ put: put.map(toldServed), removed })

/** Makes the plans of what a process is told, each once. */
export class ToldPlans {
  readonly #meaning: Meaning
  readonly #plans = new Map<string, { readonly plan: Plan; readonly revision: number }>()

  /** `meaning`: but for the addresses of refs, which come with each pipeline. */
  constructor(meaning: Meaning) {
    this.#meaning = meaning
  }

  read({ put, removed }: ToldChanges): ServedChanges {
    const served = put.map(told => this.#read(told))
    for (const pipeline of removed) this.#plans.delete(pipeline)
    return { put: served, removed }
  }

  #read(told: ToldServed): Served {
    const { namespace, name, generation, gate, cut, blocked, revision } = told
    const pipeline = `${namespace}/${name}`
    const known = this.#plans.get(pipeline)
    const plan = known?.revision === revision ? known.plan : this.#planOf(told)
    this.#plans.set(pipeline, { plan, revision })
    return { plan, generation, gate, cut, blocked }
  }

  #planOf(told: ToldServed): Plan {
    const { environment, resolve } = this.#meaning
    return planOf(told, { environment, resolve: withAddresses(resolve, told.addresses) })
  }
}
