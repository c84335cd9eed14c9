import type { Call, Delivered } from '../delivery/deliver.ts'
import { startMs } from '../delivery/hold.ts'
import type { CloudEvent } from '../event/event.ts'
import { lastSteps } from '../pipeline/last-steps.ts'
import type { Step } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Request, RunningCall } from './request.ts'

/** A delivery of a step for a request. */
export type CreateCall = (request: Request) => Call

/** Only the answer of the last step may go to the caller as it comes; where the reply has a contract, none. */
export function callsOf({ flow, contract }: Plan, step: Step): CreateCall {
  const isLast = (contract?.output.length ?? 0) === 0 && lastSteps(flow).some(({ path }) => path === step.path)
  return request => callOf(request, isLast ? request.stream : undefined, request.calls)
}

/** A delivery for the request; it counts among `calls`, if given. */
export const callOf = (
  { id, original, signal, deadline, headers, span, journal }: Request,
  stream: Call['stream'],
  calls?: Call['calls']
): Call => ({
  requestId: id,
  original,
  signal,
  deadline,
  maxHoldMs: journal === undefined ? Infinity : startMs,
  headers,
  span,
  calls,
  attempts: { count: 0, heldSince: undefined },
  stream
})

/**
 * Delivers so that it is seen by whoever looks at the calls of the request, and reads what came of it.
 */
export function deliverSeen<T, Result = Delivered>(
  deliver: (event: CloudEvent, call: Call) => Promise<Result>,
  event: CloudEvent,
  call: Call,
  shown: RunningCall,
  { journal, follower }: Request,
  read: (delivered: Result) => T
): Promise<T> {
  const calling = (journal ?? follower)?.calling
  if (calling === undefined) return deliver(event, call).then(read)
  const seen = calling(shown)
  return deliver(event, call).then(
    delivered => {
      seen[Symbol.dispose]()
      return read(delivered)
    },
    (thrown: unknown) => {
      seen[Symbol.dispose]()
      throw thrown
    }
  )
}
