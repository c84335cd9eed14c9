import type { StepNow } from '../ledger/record/step-now.ts'
import { isInside } from '../pipeline/paths.ts'

/** A call that finds no place in its destination waits for the step. */
export const heldForPlace = (since: number): Pick<StepNow, 'status' | 'waiting'> => ({
  status: 'held',
  waiting: { reason: 'step', since, until: undefined, lastError: undefined }
})

/** A step around others waits too while each of them that is under way does. */
export function withHeldAround(steps: readonly StepNow[]): readonly StepNow[] {
  if (!steps.some(({ status }) => status === 'held')) return steps
  return steps.map(step => {
    if (step.status !== 'running') return step
    const inside = steps.filter(other => isInside(other.path, step.path))
    const open = inside.filter(
      other => isOpen(other) && !inside.some(inner => isOpen(inner) && isInside(inner.path, other.path))
    )
    const [first] = open
    return first !== undefined && open.every(({ status }) => status === 'held')
      ? { ...step, status: 'held', waiting: first.waiting }
      : step
  })
}

const isOpen = ({ status }: StepNow): boolean => status === 'running' || status === 'held'
