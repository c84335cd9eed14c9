import type { Call, Delivered } from '../delivery/deliver.ts'
import type { CloudEvent } from '../event/event.ts'
import { lastSteps } from '../pipeline/last-steps.ts'
import type { Step } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Request, StepPlace } from './request.ts'

/** A delivery of a step for a request; `made` attempts were made for the step before. */
export type CreateCall = (request: Request, made?: number) => Call

/** Only the answer of the last step may go to the caller as it comes; where the reply has a contract, none. */
export function callsOf({ flow, contract }: Plan, step: Step): CreateCall {
  const isLast = (contract?.output.length ?? 0) === 0 && lastSteps(flow).some(({ path }) => path === step.path)
  return (request, made = 0) => callOf(request, isLast ? request.stream : undefined, made, request.calls)
}

/**
 * A delivery for the request, with the number of attempts that it counts on from; it counts among `calls`, if given.
 */
export const callOf = (
  { id, original, signal, deadline, headers, span }: Request,
  stream: Call['stream'],
  made = 0,
  calls?: Call['calls']
): Call => ({
  requestId: id,
  original,
  signal,
  deadline,
  headers,
  span,
  calls,
  attempts: { count: made, heldSince: undefined },
  stream
})

/**
 * Delivers so that it is seen by whoever follows the request, and reads what came of it; one that nobody follows costs
 * nothing more.
 */
export function deliverSeen<T, Result = Delivered>(
  deliver: (event: CloudEvent, call: Call) => Promise<Result>,
  event: CloudEvent,
  call: Call,
  step: StepPlace | undefined,
  { journal, follower }: Request,
  read: (delivered: Result) => T
): Promise<T> {
  const watcher = journal ?? follower
  if (watcher === undefined) return deliver(event, call).then(read)
  const shown = watcher.calling({ step, attempts: call.attempts })
  return deliver(event, call).then(
    delivered => {
      shown[Symbol.dispose]()
      return read(delivered)
    },
    (thrown: unknown) => {
      shown[Symbol.dispose]()
      throw thrown
    }
  )
}
