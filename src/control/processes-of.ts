import { stepsOf } from '../pipeline/nodes-of.ts'
import type { Destination } from '../pipeline/destination.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'

/** The local processes that the plan needs. */
export function processesOf({ flow }: Plan): ProcessSpec[] {
  return [...stepsOf(flow)].flatMap(step => (step.kind === 'call' ? processOf(step.destination) : []))
}

const processOf = (destination: Destination): ProcessSpec[] =>
  destination.kind === 'process' ? [destination.process] : []
