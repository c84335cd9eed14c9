import type { Node } from './node.ts'
import type { OnFailure } from './on-failure.ts'

/** How many calls one run of these nodes can make at the most: each attempt of each step, hedges included, and of its
 * fallbacks. */
export const mostCalls = (nodes: Iterable<Node>): number =>
  Iterator.from(nodes).reduce((sum, node) => sum + callsOf(node), 0)

function callsOf(node: Node): number {
  if (node.kind === 'reply') return 0
  const own = node.kind === 'call' ? 1 + (node.hedge?.max ?? 0) : 0
  const destinations = own + fallbacksIn(node.onFailure)
  return destinations * (node.delivery.retry + 1)
}

const fallbacksIn = (means: OnFailure): number =>
  means.kind === 'fallback' ? means.fallbacks.filter(({ kind }) => kind === 'destination').length : 0
