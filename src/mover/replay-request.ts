import { SluiceError } from '../errors.ts'
import type { DeadLetter } from '../ledger/dead-letter.ts'
import type { Failure, NewRequest, Progress } from '../ledger/ledger.ts'
import type { RequestRecord } from '../ledger/request-record.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Span } from '../telemetry/tracing.ts'
import { withoutTrace } from './without-trace.ts'

/** Where a replay begins: at the step that failed, with the event that it got, or at the first step. */
export type ReplayFrom = 'step' | 'start'

/** What a replay has of its own. */
export interface ReplayIdentity {
  readonly id: string
  readonly span: Span
}

/** The request that replays a dead letter on the plan as it is now. Throws INVALID_REQUEST when its step is gone. */
export function replayRequest(
  { record }: DeadLetter,
  from: ReplayFrom,
  plan: Plan,
  { id, span }: ReplayIdentity
): NewRequest {
  const { failure } = record
  return {
    id,
    pipeline: record.pipeline,
    generation: plan.generation,
    event: record.event,
    headers: [...headersFor(id, record), ...span.headers()],
    priority: record.priority,
    orderKey: record.orderKey,
    // The watermark has passed the time of the event already, and must not go back.
    eventTime: undefined,
    deduplicationKeys: [],
    fingerprint: '',
    ttlMs: plan.requests.ttlMs,
    maxQueued: plan.limits.maxQueued,
    progress: from === 'start' || failure === undefined ? undefined : progressOf(failure, record, plan),
    replayOf: record.id,
    traceId: span.traceId ?? record.traceId,
    deadline: plan.storedDeadlineMs === Infinity ? undefined : Date.now() + plan.storedDeadlineMs
  }
}

/** A request id that stood for the caller's is the new one. */
const headersFor = (id: string, record: RequestRecord): string[] =>
  withoutTrace(record.headers).map(text => (text === record.id ? id : text))

function progressOf(failure: Failure, { generation }: RequestRecord, plan: Plan): Progress {
  const { input, replies } = failure
  return { next: resumeAt(failure, generation, plan), event: input, steps: [], replies, delivery: 1 }
}

/** The failed step may stand elsewhere in a plan that has changed since. */
function resumeAt({ step, stepIndex }: Failure, generation: number, { steps, pipeline, ...plan }: Plan): number {
  // After the last step comes the delivery of the reply, which has no name.
  if (step === undefined) return Math.min(stepIndex, steps.length)
  if (steps[stepIndex]?.name === step) return stepIndex
  const index = steps.findIndex(({ name }) => name === step)
  if (index !== -1) return index
  // A step inside another one, which has not changed.
  if (plan.generation === generation && stepIndex < steps.length) return stepIndex
  throw new SluiceError('INVALID_REQUEST', `${pipeline} has no step "${step}" any more; replay it with from=start`)
}
