import type { CloudEvent } from '../event/event.ts'
import type { Condition } from '../pipeline/condition.ts'
import { EventFilter } from '../pipeline/filter/event-filter.ts'
import type { Logger } from '../telemetry/log.ts'
import { truthOf } from './bindings.ts'
import type { Request } from './request.ts'
import type { Surroundings } from './surroundings.ts'

/** Whether a condition holds for the event. Throws where an expression fails; a filter that fails does not hold. */
export type Holds = (event: CloudEvent, request: Request, around: Surroundings) => boolean | Promise<boolean>

/** The step, the choice or the branch that a condition belongs to. */
export interface ConditionPlace {
  /** `namespace/name`. */
  readonly pipeline: string
  readonly path: string
}

export function createCondition(condition: Condition, { pipeline, path }: ConditionPlace, log: Logger): Holds {
  if (!(condition instanceof EventFilter)) return (event, request, around) => truthOf(condition, event, request, around)
  return ({ attributes }, { id: requestId }) =>
    condition.passes(attributes, (cesql, { kind, message }) =>
      log.debug({ requestId, pipeline, path, cesql, error: kind }, `a filter lets nothing pass: ${message}`)
    )
}
