import type { CloudEvent } from '../event/event.ts'
import { dependsOnOrigin, flowFor, originOf, type Origin } from '../pipeline/origin.ts'
import type { Plan } from '../pipeline/plan.ts'
import { contractedEnds } from './contracted-ends.ts'
import { createStage } from './create-stage.ts'
import { sendLetter } from './dead-letter-stage.ts'
import type { Marks } from './mark.ts'
import { rootPath } from '../pipeline/paths.ts'
import type { Request } from './request.ts'
import type { RunDeps } from './run-deps.ts'
import { createSequence, type SequenceResult } from './sequence.ts'

/** Takes a request through a plan, from its marks on. Resolves in every case. */
export type Run = (request: Request, marks: Marks) => Promise<RunOutcome>

export type RunOutcome = SequenceResult

const noReplies: ReadonlyMap<string, CloudEvent> = new Map()

/** The plan with its nodes tied to what they need. Cheap, but not free: made on a pipeline's first request. */
export function createRun(plan: Plan, deps: RunDeps): Run {
  if (!dependsOnOrigin(plan)) return tied(plan, deps)
  const runs = new Map<Origin, Run>()
  return (request, marks) => {
    const origin = originOf(request.headers)
    let run = runs.get(origin)
    if (run === undefined) runs.set(origin, (run = tied({ ...plan, flow: flowFor(plan, origin) }, deps)))
    return run(request, marks)
  }
}

function tied(plan: Plan, deps: RunDeps): Run {
  const stages = plan.flow.map(node => createStage(plan, node, deps))
  const run = createSequence(rootPath, contractedEnds(plan, stages, deps), plan.keepsReplies, sendLetter)
  return (request, marks) => {
    const { original } = request
    return run(original, request, { original, replies: noReplies, marks })
  }
}
