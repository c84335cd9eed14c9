import type { Delivered } from '../delivery/deliver.ts'
import type { CloudEvent } from '../event/event.ts'
import type { CallStep } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { destinationOptions } from './destination-options.ts'
import { inputOf } from './input-of.ts'
import { emptied } from './on-empty.ts'
import type { RunDeps } from './run-deps.ts'
import { cancelled, failedAt, type Stage, type StageReport, type StageResult } from './stage.ts'
import { callsOf, deliverSeen } from './step-call.ts'
import { createDelivers, type DeliverFor } from './traffic/create-delivers.ts'

/** A step that calls its destination; `onEmpty` decides what its silence means. */
export function createCallStage(plan: Plan, step: CallStep, deps: RunDeps): Stage {
  const deliverFor = deliverStep(plan, step, deps)
  const createCall = callsOf(plan, step)
  return {
    name: step.name,
    path: step.path,
    run(event, request, around) {
      const runWith = (input: CloudEvent): Promise<StageReport> => {
        const call = createCall(request)
        return deliverSeen(
          deliverFor(request, around),
          input,
          call,
          { step, attempts: call.attempts },
          request,
          delivered => ({
            result: resultOf(delivered, step, input, event),
            attempts: call.attempts.count
          })
        )
      }
      if (step.input === 'previous') return runWith(event)
      return inputOf(step.input, event, request, around).then(runWith)
    }
  }
}

/** Delivers to the step's own destination, or to the entry of its traffic that a request has chosen. */
export function deliverStep(plan: Plan, step: CallStep, deps: RunDeps): DeliverFor {
  const { concurrency, hedge, label } = step
  return createDelivers(plan, step, deps, {
    ...destinationOptions(plan, step, deps),
    concurrency,
    hedge: hedge && { ...hedge, made: () => deps.metrics.hedged(label) }
  })
}

/** `current` is the event before `input:` changed it. */
export function resultOf(delivered: Delivered, step: CallStep, input: CloudEvent, current: CloudEvent): StageResult {
  switch (delivered.kind) {
    case 'reply':
      return { kind: 'replied', event: delivered.event }
    case 'cancelled':
      return cancelled
    case 'empty':
      return emptied(step, input, current)
    case 'failed':
      return failedAt(delivered.error, input)
  }
}
