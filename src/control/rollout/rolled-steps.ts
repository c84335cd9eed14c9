import { stepKey } from '../../flow/traffic/turns.ts'
import { isAwaited } from '../../pipeline/canary-ref.ts'
import { stepsOf } from '../../pipeline/nodes-of.ts'
import type { CallStep, Rollout } from '../../pipeline/node.ts'
import type { Plan } from '../../pipeline/plan.ts'

/** A step whose traffic is rolled out. */
export interface RolledStep {
  /** As turns name it. */
  readonly key: string
  /** `namespace/name`. */
  readonly pipeline: string
  readonly step: CallStep
  readonly rollout: Rollout
}

/** The entry was never ready: its rollout begins when it is. */
export const isAwaitedEntry = ({ step, rollout }: RolledStep): boolean =>
  step.traffic.some(({ tag, destination }) => tag === rollout.tag && isAwaited(destination))

const none: readonly RolledStep[] = []
const byPlan = new WeakMap<Plan, readonly RolledStep[]>()

/** The steps of a plan with a rollout. */
export function rolledSteps(plan: Plan): readonly RolledStep[] {
  let known = byPlan.get(plan)
  if (known === undefined) byPlan.set(plan, (known = findRolled(plan)))
  return known
}

function findRolled({ flow, pipeline }: Plan): readonly RolledStep[] {
  const found = [...stepsOf(flow)].flatMap(step =>
    step.kind === 'call' && step.rollout !== undefined
      ? [{ key: stepKey(pipeline, step.path), pipeline, step, rollout: step.rollout }]
      : []
  )
  return found.length === 0 ? none : found
}
