import type { Sequence, Step } from './node.ts'

/** Kinds that give what the last step of the chosen sequence gave; a join makes a reply of its own. */
const choosing: ReadonlySet<string> = new Set(['switch', 'split', 'pipeline'])

/** Its reply is looked at as a whole before anybody gets it. */
const hasOutputContract = ({ contract }: Step): boolean => contract !== undefined && contract.output.length > 0

/**
 * The steps whose answer, or that of their fallback, can be the reply of the sequence to the octet, as it comes; none where it
 * goes to a destination, or is held against a contract.
 */
export function* lastSteps(sequence: Sequence): Generator<Step> {
  const last = sequence.at(-1)
  if (last === undefined || last.kind === 'reply' || hasOutputContract(last)) return
  yield last
  if (choosing.has(last.kind) && 'bodies' in last) for (const { flow } of last.bodies) yield* lastSteps(flow)
}

/** Whether the reply of the sequence may come bit by bit. */
export const mayStream = (sequence: Sequence): boolean =>
  lastSteps(sequence).some(
    ({ kind, streaming, onFailure }) => streaming.mode !== 'never' && (kind === 'call' || onFailure.kind === 'fallback')
  )
