import { CallCount } from '../delivery/call-count.ts'
import type { Plan } from '../pipeline/plan.ts'

/**
 * Counts the calls of a request; `undefined`: its plan can make no more than it may. `made`: by its earlier deliveries.
 */
export const callCountOf = ({ countsCalls, limits }: Plan, made = 0): CallCount | undefined =>
  countsCalls ? new CallCount(limits.maxCalls, made) : undefined
