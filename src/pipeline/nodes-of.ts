import type { Node, Sequence, Step } from './plan.ts'

/** Every node of a sequence, at every depth, in the order of the definition. */
export function* nodesOf(sequence: Sequence): Generator<Node> {
  for (const node of sequence) yield node
}

/** Every step, at every depth, in the order of the definition. */
export function* stepsOf(sequence: Sequence): Generator<Step> {
  for (const node of nodesOf(sequence)) if (node.kind !== 'reply') yield node
}
