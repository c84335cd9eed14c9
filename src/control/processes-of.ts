import type { Destination, Plan, ProcessSpec } from '../pipeline/plan.ts'

/** The local processes that the plan needs. */
export function processesOf({ steps }: Plan): ProcessSpec[] {
  return steps.flatMap(step => (step.kind === 'call' ? processOf(step.destination) : []))
}

const processOf = (destination: Destination): ProcessSpec[] =>
  destination.kind === 'process' ? [destination.process] : []
