import { deadLetterEvent } from '../delivery/dead-letter-event.ts'
import { deliverTo, urlOf } from '../delivery/destination.ts'
import { isHeld } from '../delivery/is-held.ts'
import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Plan, Step } from '../pipeline/plan.ts'
import { destinationOptions } from './destination-options.ts'
import { unseen } from './observe.ts'
import type { Request } from './request.ts'
import type { RunDeps } from './run-deps.ts'

/** Sends the input of a failed step to the dead letter sink. */
export type Bury = (input: CloudEvent, error: SluiceError, request: Request) => Promise<void>

/** Sends what failed for good to the dead letter sink, if one applies. An open breaker dead-letters nothing. */
export function createBurial(plan: Plan, step: Step, deps: RunDeps): Bury {
  const sink = step.delivery.deadLetterSink
  if (sink === undefined) return () => Promise.resolve()
  const options = destinationOptions(plan, step, deps)
  const label = `the dead letter sink of ${options.label}`
  const headers = ['kn-namespace', plan.namespace]
  const deliver = deliverTo(sink, { ...options, ...unseen, label, headers }, deps)
  return async (input, error, { id: requestId, journal }) => {
    if (error.code === 'BREAKER_OPEN' || (journal !== undefined && isHeld(error))) return
    const url = step.kind === 'call' ? urlOf(step.destination, deps) : undefined
    const event = deadLetterEvent(input, error, { pipeline: plan.pipeline, step: step.name, requestId, url })
    await deps.deadLetters.send(deliver, event, requestId)
  }
}
