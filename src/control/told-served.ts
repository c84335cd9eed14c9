import type { Plan } from '../pipeline/plan.ts'
import { planOf, type Meaning } from './plan-of.ts'
import type { Served, ServedChanges, ToldChanges, ToldServed } from './served.ts'

/** Numbers plans, so that another process knows which one it has made already. */
const revisions = new WeakMap<Plan, number>()
let lastRevision = 0

/** As another process is told. */
export function toldServed({ plan, ...served }: Served): ToldServed {
  const { namespace, name, definition } = plan
  let revision = revisions.get(plan)
  if (revision === undefined) revisions.set(plan, (revision = ++lastRevision))
  return { ...served, namespace, name, definition, revision }
}

export const toldChanges = ({ put, removed }: ServedChanges): ToldChanges => ({ put: put.map(toldServed), removed })

/** Makes the plans of what a process is told, each once. */
export class ToldPlans {
  readonly #meaning: Meaning
  readonly #plans = new Map<string, { readonly plan: Plan; readonly revision: number }>()

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
    const plan = known?.revision === revision ? known.plan : planOf(told, this.#meaning)
    this.#plans.set(pipeline, { plan, revision })
    return { plan, generation, gate, cut, blocked }
  }
}
