import type { CloudEvent } from '../event/event.ts'
import type { SwitchStep } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { createCondition, type Holds } from './condition.ts'
import { hasBegun } from './mark.ts'
import type { Request } from './request.ts'
import type { CreateBody } from './run-body.ts'
import type { RunDeps } from './run-deps.ts'
import type { RunSequence } from './sequence.ts'
import type { Stage } from './stage.ts'
import { createStructuredStage } from './structured-stage.ts'
import type { Surroundings } from './surroundings.ts'

interface Choice {
  readonly path: string
  readonly holds: Holds | undefined
  readonly run: RunSequence
}

/** The first choice whose condition holds for the event; one that has begun stays chosen. */
export function createSwitchStage(
  { pipeline }: Plan,
  step: SwitchStep,
  createBody: CreateBody,
  { log }: RunDeps
): Stage {
  const choices = step.bodies.map(body => {
    const { path, when } = body
    return { path, holds: when && createCondition(when, { pipeline, path }, log), run: createBody(body) }
  })
  return createStructuredStage(step, async (event, request, around) => {
    const begun = choices.find(({ path }) => hasBegun(around.marks, path))
    const chosen = begun ?? (await choose(choices, event, request, around))
    return chosen === undefined ? { kind: 'passed' } : chosen.run(event, request, around)
  })
}

async function choose(
  choices: readonly Choice[],
  event: CloudEvent,
  request: Request,
  around: Surroundings
): Promise<Choice | undefined> {
  for (const choice of choices) {
    if (choice.holds === undefined || (await choice.holds(event, request, around))) return choice
  }
  return undefined
}
