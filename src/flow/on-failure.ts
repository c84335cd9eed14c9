import type { Call, Delivered } from '../delivery/deliver.ts'
import { replyEvent } from '../delivery/reply-event.ts'
import type { ErrorCode, SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { OnFailure, Plan, Step } from '../pipeline/plan.ts'
import { destinationOptions } from './destination-options.ts'
import type { Request } from './request.ts'
import type { RunDeps } from './run-deps.ts'
import { around, cancelled, failedAt, runSafely, type StagePolicy, type StageResult } from './stage.ts'
import { callsOf, deliverSeen } from './step-call.ts'

/** Nothing helps a request whose time is over, and a defect of ours is not hidden. */
const beyondHelp: ReadonlySet<ErrorCode> = new Set(['DEADLINE_EXCEEDED', 'INTERNAL'])

const isBeyondHelp = ({ code, facts }: SluiceError): boolean => beyondHelp.has(code) || facts.begun === true

/** `onFailure`: what stands in for a step that failed, whatever failed of it. */
export function onFailure(plan: Plan, step: Step, deps: RunDeps): StagePolicy {
  if (step.onFailure.kind === 'fail') return next => next
  const createCall = callsOf(plan, step)
  const remedy = createRemedy(step.onFailure, plan, step, deps)
  return next =>
    around(next, async (event, request, surroundings) => {
      const report = await runSafely(next, event, request, surroundings)
      const { result, attempts } = report
      if (result.kind !== 'failed' || isBeyondHelp(result.error)) return report
      const call = createCall(request, attempts)
      return { result: await remedy(result.input, event, call, request), attempts: call.attempts.count }
    })
}

/** `input` is what the step was given, `current` the event before `input:` changed it. */
type Remedy = (input: CloudEvent, current: CloudEvent, call: Call, request: Request) => Promise<StageResult>

function createRemedy(means: Exclude<OnFailure, { kind: 'fail' }>, plan: Plan, step: Step, deps: RunDeps): Remedy {
  const options = destinationOptions(plan, step, deps)
  switch (means.kind) {
    case 'continue':
      return async (_input, current) => ({ kind: 'passed', event: current })
    case 'data':
      return async (input, _current, call) => ({
        kind: 'replied',
        event: replyEvent(input, options.identify(call), means.contentType, means.data)
      })
    case 'destination': {
      const label = `the fallback of ${options.label}`
      const deliver = deps.deliverTo(means.destination, { ...options, label })
      return (input, current, call, request) =>
        deliverSeen(deliver, input, call, step.name, request, delivered => fallbackResult(delivered, input, current))
    }
  }
}

function fallbackResult(delivered: Delivered, input: CloudEvent, current: CloudEvent): StageResult {
  switch (delivered.kind) {
    case 'reply':
      return { kind: 'replied', event: delivered.event }
    case 'empty':
      return { kind: 'passed', event: current }
    case 'failed':
      return failedAt(delivered.error, input)
    case 'cancelled':
      return cancelled
  }
}
