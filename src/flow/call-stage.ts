import type { Call, Delivered } from '../delivery/deliver.ts'
import type { DeadLetterSink } from '../delivery/dead-letter-sink.ts'
import { deliverTo, type DeliveryDeps } from '../delivery/destination.ts'
import { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import { fromJson } from '../event/json-view.ts'
import type { CallStep, Plan } from '../pipeline/plan.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import { evaluate, type Replies } from './bindings.ts'
import { createBurial } from './burial.ts'
import { destinationOptions } from './destination-options.ts'
import { createOnFailure } from './on-failure.ts'
import type { Request } from './request.ts'
import type { Stage, StageResult } from './stage.ts'

export interface CallStageDeps extends DeliveryDeps {
  readonly metrics: PipelineMetrics
  readonly deadLetters: DeadLetterSink
}

/** A step that calls its destination; `onEmpty` and `onFailure` decide what its silence and its failure mean. */
export function createCallStage(plan: Plan, step: CallStep, deps: CallStageDeps): Stage {
  const options = destinationOptions(plan, step, deps)
  const deliver = deliverTo(step.destination, options, deps)
  const onFailure = createOnFailure(step, options, deps)
  const bury = createBurial(plan, step, deps)

  const settle = async (
    delivered: Delivered,
    input: CloudEvent,
    current: CloudEvent,
    call: Call
  ): Promise<StageResult> => {
    switch (delivered.kind) {
      case 'reply':
        return { kind: 'replied', event: delivered.event }
      case 'cancelled':
        return delivered
      case 'empty':
        return onEmpty(step, current)
      case 'failed':
        return onFailure(delivered.error, { input, current }, call)
    }
  }

  return {
    name: step.name,
    async run(event, request, replies) {
      using call = startCall(step.name, request)
      const given = await inputOf(step, event, request, replies)
      const input = given instanceof SluiceError ? event : given
      const delivered = given instanceof SluiceError ? failed(given) : await deliver(given, call)
      const result = await settle(delivered, input, event, call)
      if (result.kind === 'failed') {
        const buried = bury(input, result.error, request)
        // A stored request is settled only after its dead letter was sent, so that a crash repeats the sending.
        if (request.journal !== undefined) await buried
      }
      return { result, attempts: call.attempts.count }
    }
  }
}

/** A call that is to be seen until it is disposed of, where the request is followed. */
function startCall(step: string, { id, signal, deadline, headers, span, journal }: Request): Call & Disposable {
  const attempts = { count: 0 }
  const shown = journal?.calling({ step, attempts })
  return {
    requestId: id,
    signal,
    deadline,
    headers,
    span,
    attempts,
    [Symbol.dispose]: () => shown?.[Symbol.dispose]()
  }
}

/** An expression that fails is a failure of the step like any other; a defect is not, and is thrown. */
async function inputOf(
  { input }: CallStep,
  event: CloudEvent,
  request: Request,
  replies: Replies
): Promise<CloudEvent | SluiceError> {
  if (input === 'previous') return event
  if (input === 'request') return request.original
  try {
    return fromJson(await evaluate(input, event, request, replies), event)
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown
    throw thrown
  }
}

const failed = (error: SluiceError): Delivered => ({ kind: 'failed', error })

function onEmpty({ name, onEmpty }: CallStep, current: CloudEvent): StageResult {
  switch (onEmpty) {
    case 'stop':
      return { kind: 'filtered' }
    case 'pass':
      return { kind: 'passed', event: current }
    case 'fail':
      return { kind: 'failed', error: new SluiceError('STEP_BAD_REPLY', `step "${name}" gave an empty answer`) }
  }
}
