import { hasBegun, type Mark, type Marks } from '../flow/mark.ts'
import type { Place } from '../ledger/record/mark.ts'
import { rootPath } from '../pipeline/paths.ts'
import type { CloudEvent } from '../event/event.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { sequenceAt } from '../pipeline/nodes-of.ts'
import type { Node } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { branchEnd, placeEnd } from './branch-ends.ts'

/**
 * Where the request stands in the plan of its generation; `undefined`: the plan is not one that it can go on with.
 *
 * A record whose generation is not known goes on only when the steps behind it are the first ones of the plan, by name
 * and in order: an index alone may be that of another step.
 */
export function standingIn({ flow }: Plan, record: RequestRecord, isItsGeneration: boolean): Marks | undefined {
  if (record.marks.size === 0) return new Map()
  const marks = new Map<string, Mark>()
  for (const [path, { next, index, event, replies, ended, chosen }] of record.marks) {
    if (ended !== undefined) {
      if (sequenceAt(flow, path) === undefined) return undefined
      marks.set(path, { next: '', event, replies, ended: branchEnd(ended) })
      continue
    }
    const name = next ?? (path === rootPath ? flow[index]?.name : undefined)
    if (name === undefined || nodeIn(flow, path, name) === undefined) return undefined
    marks.set(path, { next: name, event, replies, ended, ...(chosen !== undefined && { chosen }) })
  }
  return isItsGeneration || hasSameBehind(flow, record, marks) ? marks : undefined
}

const nodeIn = (flow: Plan['flow'], path: string, name: string): Node | undefined =>
  sequenceAt(flow, path)?.find(node => node.name === name)

function hasSameBehind(flow: Plan['flow'], record: RequestRecord, marks: Marks): boolean {
  const next = marks.get(rootPath)?.next
  const behind = flow
    .slice(
      0,
      flow.findIndex(({ name }) => name === next)
    )
    .map(({ name }) => name)
  const visited = record.marks.get(rootPath)?.steps.map(({ name }) => name) ?? []
  return marks.size === 1 && behind.length === visited.length && behind.every((name, i) => name === visited[i])
}

/** A node that is next in its sequence, and the event that it gets. */
export interface NextNode {
  readonly node: Node
  readonly event: CloudEvent
}

/**
 * The node that the request is at: the one that its root goes on with, or the first one that a sequence in there goes
 * on with. `event` is the one that the sequence at the path begins with.
 */
export function standingAt(
  flow: Plan['flow'],
  marks: Marks,
  event: CloudEvent,
  path: string = rootPath
): NextNode | undefined {
  const mark = marks.get(path)
  const node = mark === undefined ? flow[0] : flow.find(({ name }) => name === mark.next)
  if (node === undefined) return undefined
  const own = { node, event: mark?.event ?? event }
  const begun = 'bodies' in node ? node.bodies.find(({ path: inner }) => goesOn(marks, inner)) : undefined
  return begun === undefined ? own : (standingAt(begun.flow, marks, own.event, begun.path) ?? own)
}

const goesOn = (marks: Marks, path: string): boolean => hasBegun(marks, path) && marks.get(path)?.ended === undefined

/** The marks as the ledger keeps them, which has indexes beside names. */
export function placesOf(plan: Plan, marks: Marks): ReadonlyMap<string, Place> {
  return new Map([...marks].map(([path, mark]) => [path, placeOf(plan, path, mark)]))
}

/** The mark of the sequence at the path as the ledger keeps it. */
export const placeOf = (plan: Plan, path: string, mark: Mark): Place => ({
  next: mark.next,
  index: indexOf(plan, path, mark),
  event: mark.event,
  replies: mark.replies,
  ended: mark.ended && placeEnd(mark.ended),
  ...(mark.chosen !== undefined && { chosen: mark.chosen })
})

/** The version that goes by indexes knows no sequence but the root. */
const indexOf = ({ flow }: Plan, path: string, { next }: Mark): number =>
  path === rootPath ? flow.findIndex(({ name }) => name === next) : 0

/** Where the record stands, whatever the plan is; one that has not begun, at the beginning of it. */
export const placesIn = ({ marks, event }: RequestRecord): ReadonlyMap<string, Place> =>
  marks.size > 0
    ? marks
    : new Map([[rootPath, { next: undefined, index: 0, event, replies: new Map(), ended: undefined }]])
