import { lastSteps } from '../pipeline/last-steps.ts'
import { flowFor } from '../pipeline/origin.ts'
import type { Plan } from '../pipeline/plan.ts'

/** Progress is held back for so long: a last step that streams server-sent events in this time answers without it. */
const usualHoldMs = 1_000

/** A step that is said to stream in any case is waited for, and where none can stream there is nothing to wait for. */
export function holdMsOf(plan: Plan): number {
  const modes = lastSteps(flowFor(plan, 'caller'))
    .map(({ streaming }) => streaming.mode)
    .toArray()
  if (modes.includes('always')) return Infinity
  return modes.includes('auto') ? usualHoldMs : 0
}
