import { SluiceError } from '../errors.ts'
import { expiryOf } from '../event/expiry-time.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Node } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'

/**
 * When a stored request has to have come to its end, in milliseconds since the epoch; Infinity: whenever. A person
 * who replays one wants it though the event's own time is over.
 */
export const deadlineOf = ({ acceptedAt, event, replayOf }: RequestRecord, { storedDeadlineMs }: Plan): number =>
  Math.min(acceptedAt + storedDeadlineMs, replayOf === undefined ? expiryOf(event) : Infinity)

/**
 * Why a request is not run once more: its deadline has passed, or it was delivered too often; `undefined`: it is run.
 */
export function giveUpReason(record: RequestRecord, plan: Plan, at: Node | undefined): SluiceError | undefined {
  const { maxDeliveries } = plan.limits
  const isLate = Date.now() >= deadlineOf(record, plan)
  if (!isLate && record.deliveries <= maxDeliveries) return undefined
  const step = at?.kind === 'reply' ? undefined : at
  const deliveries = deliveriesBefore(record, maxDeliveries)
  const attempts = step === undefined || step.kind === 'call' ? deliveries - firstHere(record) + 1 : 0
  const facts = {
    pipeline: plan.pipeline,
    attempts,
    deliveries,
    ...(step !== undefined && { step: step.name, path: step.path })
  }
  if (isLate) {
    const message = `${lateText(step, attempts)} before the deadline of the request`
    return new SluiceError('DEADLINE_EXCEEDED', message, { facts })
  }
  const message = `the request was delivered ${deliveries} times without coming to an end`
  return new SluiceError('STEP_FAILED', message, { facts })
}

/**
 * The delivery that came to the step that is next. It and each after it have called the step, and ended with their
 * gateway: that is one attempt each, as what more there was is not known any more.
 */
const firstHere = ({ marks }: RequestRecord): number =>
  marks.values().reduce((latest, { delivery }) => Math.max(latest, delivery), 1)

/**
 * The claim that finds the request to be over is not a delivery. Nor is one that found it before and was killed while it
 * told the dead letter sink, so there are never more than the limit, unless that was higher when they came so far.
 */
const deliveriesBefore = (record: RequestRecord, maxDeliveries: number): number =>
  Math.min(record.deliveries - 1, Math.max(maxDeliveries, firstHere(record)))

function lateText(step: Node | undefined, attempts: number): string {
  if (step === undefined) return 'the reply was not delivered'
  return `step "${step.name}" ${attempts === 0 ? 'was not called' : 'did not come to an end'}`
}
