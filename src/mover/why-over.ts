import { SluiceError } from '../errors.ts'
import type { Position } from '../flow/request.ts'
import type { RequestRecord } from '../ledger/request-record.ts'
import type { Plan } from '../pipeline/plan.ts'

/** When a stored request has to have come to its end, in milliseconds since the epoch; Infinity: whenever. */
export const deadlineOf = ({ acceptedAt }: RequestRecord, { storedDeadlineMs }: Plan): number =>
  acceptedAt + storedDeadlineMs

/** Why a request is not run once more: its deadline has passed, or it was delivered too often; `undefined`: it is run. */
export function whyOver(record: RequestRecord, plan: Plan, { next }: Position): SluiceError | undefined {
  const { maxDeliveries } = plan.limits
  const isLate = Date.now() >= deadlineOf(record, plan)
  if (!isLate && record.deliveries <= maxDeliveries) return undefined
  const deliveries = deliveriesBefore(record, maxDeliveries)
  const step = plan.steps[next]?.name
  const facts = { pipeline: plan.pipeline, attempts: 0, deliveries, ...(step !== undefined && { step }) }
  if (isLate) {
    const where = step === undefined ? 'the reply was not delivered' : `step "${step}" was not called`
    return new SluiceError('DEADLINE_EXCEEDED', `${where} before the deadline of the request`, { facts })
  }
  const message = `the request was delivered ${deliveries} times without coming to an end`
  return new SluiceError('STEP_FAILED', message, { facts })
}

/**
 * The claim that finds the request to be over is no delivery. Nor is one that found it before and was killed while it
 * told the dead letter sink, so there are never more than the limit.
 */
const deliveriesBefore = ({ deliveries }: RequestRecord, maxDeliveries: number): number =>
  Math.min(deliveries - 1, maxDeliveries)
