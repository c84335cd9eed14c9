import type { SluiceError } from '../errors.ts'
import type { Visit } from '../flow/request.ts'
import type { RunOutcome } from '../flow/run.ts'
import type { Failure, Settlement } from '../ledger/record/settlement.ts'
import type { Plan } from '../pipeline/plan.ts'
import { causeOf } from './branch-ends.ts'
import { placesOf } from './standing.ts'
import { stepsInOrder } from './steps-in-order.ts'
import type { StepRecord } from '../ledger/record/step-record.ts'
import { stepRecord } from './visits.ts'

/**
 * How a run that came to an end is settled; `earlier` are the visits of former deliveries, `run` is the one
 * that streamed the reply, if it did.
 */
export function settlementOf(
  outcome: Exclude<RunOutcome, { kind: 'cancelled' }>,
  plan: Plan,
  earlier: readonly StepRecord[],
  visits: readonly Visit[],
  run: number | undefined
): Settlement {
  const steps = stepsInOrder(plan, [...earlier, ...visits.map(stepRecord)])
  switch (outcome.kind) {
    case 'replied':
      return { status: 'replied', reply: outcome.event, steps, run }
    case 'filtered':
      return { status: 'filtered', step: outcome.step, steps }
    case 'failed':
      return {
        status: 'failed',
        failure: failureOf(outcome.error, placesOf(plan, outcome.marks)),
        steps: steps.map(step => (step.path === outcome.error.facts.path ? withoutError(step) : step))
      }
  }
}

/** The failure of the request is kept once. */
function withoutError({ error: _error, ...step }: StepRecord): StepRecord {
  return step
}

/** The failure with what a replay needs: where each sequence stood. */
export const failureOf = (error: SluiceError, places: Failure['places']): Failure => ({ ...causeOf(error), places })
