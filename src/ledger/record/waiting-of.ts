import type { RequestSummary } from './request-record.ts'
import type { StepNow } from './step-now.ts'
import type { Waiting } from './waiting.ts'

/** The pipeline of a request, as a replica knows it. */
export interface Here {
  readonly served: boolean
  /** Keeps it from beginning more of the pipeline's requests. */
  readonly hold: Waiting | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
  /** As they are now, in the order of the definition. */
  readonly steps: readonly StepNow[]
}

/** Why nothing of the request runs; `undefined`: something does, or it is finished. */
export function waitingOf(record: RequestSummary, { served, hold, now, steps }: Here): Waiting | undefined {
  const { status, acceptedAt, waiting } = record
  if (status === 'running') return waitingIn(steps)
  if (status !== 'accepted') return undefined
  if (waiting?.reason === 'order') return waiting
  const lastError = waiting?.lastError
  if (hold?.reason === 'paused' || hold?.reason === 'dependency') {
    return { ...hold, since: Math.max(acceptedAt, hold.since), lastError }
  }
  if (!served) return { reason: 'pipeline', since: acceptedAt, until: undefined, lastError }
  if (waiting !== undefined && isAhead(waiting, now)) return waiting
  if (hold !== undefined && isAhead(hold, now)) return { ...hold, since: Math.max(acceptedAt, hold.since) }
  return { reason: 'queue', since: waiting?.until ?? acceptedAt, until: undefined, lastError }
}

/** A step of a request that is under way may wait for a free place of its destination, and others beside it run. */
function waitingIn(steps: readonly StepNow[]): Waiting | undefined {
  if (steps.some(({ status }) => status === 'running')) return undefined
  return steps.find(({ waiting }) => waiting !== undefined)?.waiting
}

const isAhead = ({ until }: Waiting, now: number): boolean => until !== undefined && until > now
