import type { RequestSummary } from './request-record.ts'
import type { Waiting } from './waiting.ts'

/** The pipeline of a request, as a replica knows it. */
export interface Here {
  readonly served: boolean
  /** Keeps it from beginning more of the pipeline's requests. */
  readonly hold: Waiting | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Why nothing of the request runs; `undefined`: something does, or it is finished. */
export function waitingOf(record: RequestSummary, { served, hold, now }: Here): Waiting | undefined {
  const { status, acceptedAt, waiting } = record
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

const isAhead = ({ until }: Waiting, now: number): boolean => until !== undefined && until > now
