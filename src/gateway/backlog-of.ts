import type { RequestSummary } from '../ledger/record/request-record.ts'
import { markedSteps } from '../mover/marked-steps.ts'
import type { Sequence } from '../pipeline/node.ts'
import { isInside } from '../pipeline/paths.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'

type Marked = Pick<RequestSummary, 'marks'>

/** Stored requests of a pipeline that wait. */
export interface Backlog {
  readonly queued: number
  /** Some of them, those that are claimed next. */
  readonly next: readonly Marked[]
}

/**
 * How many of the requests come to each local process first from where they stand, by the key of the process: all are
 * taken to stand as those do that are claimed next. One that stands in several branches comes to one in each.
 */
export function backlogOf({ flow }: Pick<Plan, 'flow'>, { queued, next }: Backlog): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const request of next) {
    const keys = new Set(comesTo(flow, request).map(({ key }) => key))
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return new Map([...counts].map(([key, count]) => [key, Math.ceil((count * queued) / next.length)]))
}

function comesTo(flow: Sequence, { marks }: Marked): readonly ProcessSpec[] {
  const marked = marks.size === 0 ? [] : markedSteps(marks, { flow })
  const innermost = marked.filter(({ path }) => !marked.some(other => isInside(other.path, path)))
  // It stands at the start, or in steps that the definition has no more.
  return innermost.length === 0 ? firstOf(flow) : innermost.flatMap(({ path }) => firstFrom(flow, path) ?? [])
}

/** The first local processes from the node at the path on; `undefined`: the sequence has none at that path. */
function firstFrom(sequence: Sequence, path: string): readonly ProcessSpec[] | undefined {
  for (const [index, node] of sequence.entries()) {
    if (node.path === path) return firstOf(sequence.slice(index))
    if (!('bodies' in node) || !isInside(path, node.path)) continue
    for (const body of node.bodies) {
      const inside = firstFrom(body.flow, path)
      if (inside !== undefined) return inside.length > 0 ? inside : firstOf(sequence.slice(index + 1))
    }
  }
  return undefined
}

/** The first local process of a sequence; where it has branches before, that of each. */
function firstOf(sequence: Sequence): readonly ProcessSpec[] {
  for (const node of sequence) {
    if (node.kind === 'call' && node.destination.kind === 'process') return [node.destination.process]
    const inside = 'bodies' in node ? node.bodies.flatMap(({ flow }) => firstOf(flow)) : []
    if (inside.length > 0) return inside
  }
  return []
}
