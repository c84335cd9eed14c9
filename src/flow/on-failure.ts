import type { Call } from '../delivery/deliver.ts'
import { deliverTo, type DestinationOptions } from '../delivery/destination.ts'
import { replyEvent } from '../delivery/reply-event.ts'
import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { CallStep } from '../pipeline/plan.ts'
import type { CallStageDeps } from './call-stage.ts'
import type { StageResult } from './stage.ts'

/** What `onFailure` makes of a failure. `input` is what the step got, `current` the event before `input:` changed it. */
export type OnFailure = (
  error: SluiceError,
  events: { readonly input: CloudEvent; readonly current: CloudEvent },
  call: Call
) => Promise<StageResult>

export function createOnFailure(step: CallStep, options: DestinationOptions, deps: CallStageDeps): OnFailure {
  const act = createAction(step, options, deps)
  return async (error, events, call) => {
    // Nothing helps a request whose time is over.
    if (error.code === 'DEADLINE_EXCEEDED') return { kind: 'failed', error }
    return act(error, events, call)
  }
}

function createAction(step: CallStep, options: DestinationOptions, deps: CallStageDeps): OnFailure {
  const { onFailure } = step
  switch (onFailure.kind) {
    case 'fail':
      return async error => ({ kind: 'failed', error })
    case 'continue':
      return async (_error, { current }) => ({ kind: 'passed', event: current })
    case 'data':
      return async (_error, { input }, { requestId }) => ({
        kind: 'replied',
        event: replyEvent(input, options.identify(requestId), onFailure.contentType, onFailure.data)
      })
    case 'destination': {
      const label = `the fallback of ${options.label}`
      const deliver = deliverTo(onFailure.destination, { ...options, label }, deps)
      return async (_error, { input, current }, call) => {
        const delivered = await deliver(input, call)
        switch (delivered.kind) {
          case 'reply':
            return { kind: 'replied', event: delivered.event }
          case 'empty':
            return { kind: 'passed', event: current }
          default:
            return delivered
        }
      }
    }
  }
}
