import type { Node, Sequence, Step } from './node.ts'
import { isInside } from './paths.ts'

/** Every node of a sequence, at every depth, in the order of the definition: a step before those inside it. */
export function* nodesOf(sequence: Sequence): Generator<Node> {
  for (const node of sequence) {
    yield node
    if ('bodies' in node) for (const { flow } of node.bodies) yield* nodesOf(flow)
  }
}

/** The sequence at the path, which is empty for the whole; `undefined`: there is none. */
export function sequenceAt(sequence: Sequence, path: string): Sequence | undefined {
  if (path === '') return sequence
  for (const node of sequence) {
    if (!('bodies' in node)) continue
    for (const body of node.bodies) {
      if (body.path === path) return body.flow
      if (isInside(path, body.path)) return sequenceAt(body.flow, path)
    }
  }
  return undefined
}

/** Every step, at every depth, in the order of the definition. */
export function* stepsOf(sequence: Sequence): Generator<Step> {
  for (const node of nodesOf(sequence)) if (node.kind !== 'reply') yield node
}
