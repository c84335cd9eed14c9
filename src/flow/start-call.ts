import type { Call } from '../delivery/deliver.ts'
import type { Plan, Step } from '../pipeline/plan.ts'
import type { Request } from './request.ts'

/** Starts a delivery of a step for a request; `attempts` were made for the step before. */
export type StartCall = (request: Request, attempts?: number) => Call

/** Only the answer of the last step may go to the caller as it comes. */
export function createStartCall(plan: Plan, step: Step): StartCall {
  const isLast = plan.steps.at(-1) === step
  return ({ id, signal, deadline, headers, span, follower }, attempts = 0) => ({
    requestId: id,
    signal,
    deadline,
    headers,
    span,
    attempts: { count: attempts },
    passOn: isLast ? follower?.passOn : undefined
  })
}
