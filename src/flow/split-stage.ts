import type { CloudEvent } from '../event/event.ts'
import type { SplitStep } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { jsonTextOf } from './bindings.ts'
import { hasBegun } from './mark.ts'
import { rendezvous } from './rendezvous.ts'
import { requestBase } from './reply-id.ts'
import type { Request } from './request.ts'
import type { CreateBody } from './run-body.ts'
import type { Stage } from './stage.ts'
import { createStructuredStage } from './structured-stage.ts'
import type { Surroundings } from './surroundings.ts'

/** One of the choices by weight, a function of the key; one that has begun stays chosen. */
export function createSplitStage({ source }: Plan, step: SplitStep, createBody: CreateBody): Stage {
  const choices = step.bodies.map(body => ({ ...body, run: createBody(body) }))
  return createStructuredStage(step, async (event, request, around) => {
    const begun = choices.find(({ path }) => hasBegun(around.marks, path))
    const chosen = begun ?? rendezvous(await keyOf(step, source, event, request, around), choices)
    return chosen.run(event, request, around)
  })
}

/** Without a key, or where its expression gives nothing, each request chooses for itself. */
async function keyOf(
  { key }: SplitStep,
  source: string,
  event: CloudEvent,
  request: Request,
  around: Surroundings
): Promise<string> {
  const given = key && (await jsonTextOf(key, event, request, around))
  if (given !== undefined && given !== 'null') return given
  return requestBase({ requestId: request.id, original: request.original }, source)
}
