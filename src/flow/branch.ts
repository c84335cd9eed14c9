import { toSluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import { nodesOf } from '../pipeline/nodes-of.ts'
import type { Body } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { BranchOutcome, RunBranch } from './branch-outcome.ts'
import { createDeadLetterSender } from './dead-letter-sender.ts'
import { createCondition } from './condition.ts'
import type { Letter } from './letter.ts'
import { hasBegun, marksInside, type Mark, type Marks } from './mark.ts'
import { noMarks } from '../pipeline/paths.ts'
import { tracedBranch } from './traced.ts'
import type { RunDeps } from './run-deps.ts'
import type { RunSequence } from './sequence.ts'

/** A branch of a parallel step, ready to run. */
export interface Branch {
  readonly name: string
  readonly path: string
  /** Resolves in every case. */
  readonly run: RunBranch
  /** The earlier outcome of the branch, and its time; `undefined`: it has not ended. */
  readonly ended: (marks: Marks) => EndedBranch | undefined
}

interface EndedBranch {
  readonly outcome: BranchOutcome
  /** Milliseconds since the epoch. */
  readonly at: number
}

export function createBranch(plan: Plan, { name, path, when }: Body, runSteps: RunSequence, deps: RunDeps): Branch {
  const holds = when && createCondition(when, { pipeline: plan.pipeline, path }, deps.log)
  return {
    name,
    path,
    run: tracedBranch(path, async (event, request, around) => {
      try {
        const runs = holds === undefined || hasBegun(around.marks, path) || (await holds(event, request, around))
        return runs ? await runSteps(event, request, around) : { kind: 'skipped' }
      } catch (thrown) {
        return { kind: 'failed', error: toSluiceError(thrown), marks: noMarks, letter: undefined }
      }
    }),
    ended: marks => {
      const mark = marks.get(path)
      return mark?.ended && { at: mark.ended.at, outcome: outcomeOf(plan, path, mark, mark.ended, marks, deps) }
    }
  }
}

function outcomeOf(
  plan: Plan,
  path: string,
  { event }: Mark,
  ended: NonNullable<Mark['ended']>,
  marks: Marks,
  deps: RunDeps
): BranchOutcome {
  switch (ended.kind) {
    case 'replied':
      return { kind: 'replied', event }
    case 'filtered':
      return ended
    case 'failed': {
      const { error } = ended
      return {
        kind: 'failed',
        error,
        marks: marksInside(marks, path),
        letter: letterOf(plan, error.facts.path, event, deps)
      }
    }
  }
}

/** The dead letter sink of the step that failed, in an earlier delivery of the request. */
function letterOf(plan: Plan, path: string | undefined, input: CloudEvent, deps: RunDeps): Letter | undefined {
  const node = nodesOf(plan.flow).find(one => one.path === path)
  return node?.delivery.deadLetterSink && { input, send: createDeadLetterSender(plan, node, deps) }
}
