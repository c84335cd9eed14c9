import type { Sequence, Step } from './plan.ts'

/** Kinds that give what the last step of the chosen sequence gave; a join makes a reply of its own. */
const choosing: ReadonlySet<string> = new Set(['switch', 'split', 'pipeline'])

/**
 * The steps whose answer, or that of their fallback, can be the reply of the sequence to the octet; none where it goes
 * to a destination.
 */
export function* lastSteps(sequence: Sequence): Generator<Step> {
  const last = sequence.at(-1)
  if (last === undefined || last.kind === 'reply') return
  yield last
  if (choosing.has(last.kind) && 'bodies' in last) for (const { flow } of last.bodies) yield* lastSteps(flow)
}
