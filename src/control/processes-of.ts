import { stepsOf } from '../pipeline/nodes-of.ts'
import type { Destination, Plan, ProcessSpec } from '../pipeline/plan.ts'

/** The local processes that the plan needs. */
export function processesOf({ flow }: Plan): ProcessSpec[] {
  return [...stepsOf(flow)].flatMap(step => (step.kind === 'call' ? processOf(step.destination) : []))
}

const processOf = (destination: Destination): ProcessSpec[] =>
  destination.kind === 'process' ? [destination.process] : []
