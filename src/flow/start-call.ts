import type { Call } from '../delivery/deliver.ts'
import type { Plan, Step } from '../pipeline/plan.ts'
import type { Request } from './request.ts'

/** Starts a delivery of a step for a request, seen until it is disposed of; `attempts` were made for the step before. */
export type StartCall = (request: Request, attempts?: number) => Call & Disposable

/** Only the answer of the last step may go to the caller as it comes. */
export function createStartCall(plan: Plan, step: Step): StartCall {
  const isLast = plan.steps.at(-1) === step
  return ({ id, signal, deadline, headers, span, follower, journal }, made = 0) => {
    const attempts = { count: made }
    const shown = journal?.calling({ step: step.name, attempts })
    return {
      requestId: id,
      signal,
      deadline,
      headers,
      span,
      attempts,
      passOn: isLast ? follower?.passOn : undefined,
      [Symbol.dispose]: () => shown?.[Symbol.dispose]()
    }
  }
}
