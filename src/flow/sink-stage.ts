import type { Delivered } from '../delivery/deliver.ts'
import type { CloudEvent } from '../event/event.ts'
import type { SinkStep } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { destinationOptions } from './destination-options.ts'
import type { RunDeps } from './run-deps.ts'
import { cancelled, failedAt, type Stage, type StageResult } from './stage.ts'
import { callOf, deliverSeen } from './step-call.ts'

/** Gives the event to a sink, as the step before gave it; whatever the sink answers is of no interest. */
export function createSinkStage(plan: Plan, step: SinkStep, deps: RunDeps): Stage {
  const label = `the sink "${step.name}"`
  const deliver = deps.deliverTo(step.destination, { ...destinationOptions(plan, step, deps), label })
  return {
    name: step.name,
    path: step.path,
    run(event, request) {
      const call = callOf(request, undefined)
      return deliverSeen(deliver, event, call, { step, attempts: call.attempts }, request, delivered => ({
        result: resultOf(delivered, event),
        attempts: call.attempts.count
      }))
    }
  }
}

function resultOf(delivered: Delivered, event: CloudEvent): StageResult {
  switch (delivered.kind) {
    case 'failed':
      return failedAt(delivered.error, event)
    case 'cancelled':
      return cancelled
    case 'reply':
    case 'empty':
      return { kind: 'passed', event }
  }
}
