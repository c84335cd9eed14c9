import { hasBegun } from '../flow/mark.ts'
import { rootPath } from '../pipeline/paths.ts'
import type { RequestSummary } from '../ledger/record/request-record.ts'
import type { Body, Sequence, Step } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'

type Marks = RequestSummary['marks']

/** A step that its sequence goes on with. */
export type MarkedStep = Pick<Step, 'name' | 'path'>

/**
 * The steps that the marks of a request say are next, a structured one before those inside it. Of sequences that have
 * written nothing yet, only those that surely run: with a branch that may have been skipped nobody else can tell.
 */
export function markedSteps(marks: Marks, plan: Pick<Plan, 'flow'> | undefined): readonly MarkedStep[] {
  if (plan !== undefined) return [...inSequence(plan.flow, marks, rootPath)]
  return [...marks].flatMap(([path, { next, ended }]) => {
    if (next === undefined || next === '' || next.startsWith('@') || ended !== undefined) return []
    return [{ name: next, path: path === rootPath ? next : `${path}/${next}` }]
  })
}

function* inSequence(flow: Sequence, marks: Marks, path: string): Generator<MarkedStep> {
  const mark = marks.get(path)
  if (mark?.ended !== undefined) return
  const node = mark === undefined ? flow[0] : flow.find(({ name }) => name === mark.next)
  if (node === undefined || node.kind === 'reply') return
  yield node
  if (!('bodies' in node)) return
  for (const body of node.bodies) if (surelyRuns(node, body, marks)) yield* inSequence(body.flow, marks, body.path)
}

const surelyRuns = ({ kind }: Step, { path, when }: Body, marks: Marks): boolean =>
  hasBegun(marks, path) || kind === 'pipeline' || (kind === 'parallel' && when === undefined)
