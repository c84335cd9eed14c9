import { isSinks, type Sequence } from './node.ts'
import type { Plan } from './plan.ts'

/** The one that began a request: a caller who waits for a reply, or a source whose entries go to the sinks. */
export type Origin = 'caller' | 'source'

/** Of each call of a request that a source began. Nobody else can set it: headers of Sluice are not propagated. */
export const sourceHeader = 'sluice-source'

/** The headers are a flat list of names and values, which are kept with a stored request, and go on to its replays. */
export const originOf = (headers: readonly string[]): Origin =>
  headers.some((name, i) => i % 2 === 0 && name === sourceHeader) ? 'source' : 'caller'

/** Whether the nodes are others for a request of a source than for one of a caller. */
export const dependsOnOrigin = ({ flow }: Pick<Plan, 'flow'>): boolean => flow.some(isEnd)

/** The nodes that a request goes through: a caller's comes to no sink, a source's goes to no reply destination. */
export function flowFor({ flow }: Pick<Plan, 'flow'>, origin: Origin): Sequence {
  if (!flow.some(isEnd)) return flow
  return flow.filter(node => (origin === 'source' ? node.kind !== 'reply' : !isSinks(node)))
}

const isEnd = (node: Sequence[number]): boolean => node.kind === 'reply' || isSinks(node)
