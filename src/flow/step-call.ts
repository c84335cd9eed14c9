import type { Call, Deliver, Delivered } from '../delivery/deliver.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Plan, Step } from '../pipeline/plan.ts'
import type { Request } from './request.ts'

/** A delivery of a step for a request; `made` attempts were made for the step before. */
export type CreateCall = (request: Request, made?: number) => Call

/** Only the answer of the last step may go to the caller as it comes. */
export function callsOf(plan: Plan, step: Step): CreateCall {
  const isLast = plan.steps.at(-1) === step
  return ({ id, original, signal, deadline, headers, span, follower }, made = 0) => ({
    requestId: id,
    original,
    signal,
    deadline,
    headers,
    span,
    attempts: { count: made },
    passOn: isLast ? follower?.passOn : undefined
  })
}

/**
 * Delivers so that it is seen in the journal, and reads what came of it; a request that lives in memory has none, and
 * costs nothing more.
 */
export function deliverSeen<T>(
  deliver: Deliver,
  event: CloudEvent,
  call: Call,
  step: string,
  { journal }: Request,
  read: (delivered: Delivered) => T
): Promise<T> {
  if (journal === undefined) return deliver(event, call).then(read)
  const shown = journal.calling({ step, attempts: call.attempts })
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
