import type { Plan } from '../pipeline/plan.ts'

/** A definition compiled, with its number. */
export interface Numbered {
  readonly plan: Plan
  readonly digest: string
  /** `namespace/name` of the pipelines without which it cannot serve. */
  readonly needs: ReadonlySet<string>
  generation: number
}
