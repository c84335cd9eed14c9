import { userAgent } from '../delivery/user-agent.ts'
import type { Plan } from '../pipeline/plan.ts'

/** Says that Sluice calls, unless the pipeline passes on what the caller says of itself. */
export const agentOf = ({ propagate }: Plan): readonly string[] => (propagate.includes('user-agent') ? [] : userAgent)
