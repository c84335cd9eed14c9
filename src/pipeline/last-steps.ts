import type { Sequence, Step } from './node.ts'

/** Whether it gives what the last step of a sequence in it gave; a join makes a reply of its own. */
function chooses(step: Step): boolean {
  if (step.kind === 'parallel') return step.join === 'first' || step.join === 'race'
  return step.kind === 'switch' || step.kind === 'split' || step.kind === 'pipeline'
}

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
  if (chooses(last) && 'bodies' in last) for (const { flow } of last.bodies) yield* lastSteps(flow)
}

/** Whether the reply of the sequence may come bit by bit. */
export const mayStream = (sequence: Sequence): boolean =>
  lastSteps(sequence).some(
    ({ kind, streaming, onFailure }) => streaming.mode !== 'never' && (kind === 'call' || onFailure.kind === 'fallback')
  )
