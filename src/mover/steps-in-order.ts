import { stepsOf } from '../pipeline/nodes-of.ts'
import type { Plan } from '../pipeline/plan.ts'

/** Visits in the order of the definition, a step before those inside it; without steps inside steps they are so already. */
export function stepsInOrder<Visited extends { readonly path: string }>(
  { flow }: Plan,
  steps: readonly Visited[]
): readonly Visited[] {
  if (!flow.some(node => 'bodies' in node)) return steps
  const places = new Map<string, number>()
  for (const { path } of stepsOf(flow)) places.set(path, places.size)
  const placeOf = ({ path }: Visited): number => places.get(path) ?? places.size
  return steps.toSorted((a, b) => placeOf(a) - placeOf(b))
}
