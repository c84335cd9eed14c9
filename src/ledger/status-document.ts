import { toldText } from '../errors.ts'
import { isoTime } from '../event/iso-time.ts'
import type { RequestRecord, StepRecord } from './request-record.ts'
import type { RequestSummary } from './request-summary.ts'
import type { StatusError } from './status-error.ts'
import type { Waiting, WaitingReason } from './waiting.ts'
import { waitingOf } from './waiting-of.ts'

/** What `GET …/requests/{id}` answers (DESIGN section 4); times are RFC 3339. */
export interface StatusDocument {
  readonly id: string
  readonly pipeline: string
  readonly generation: number
  readonly status: RequestRecord['status']
  /** The step that runs, or would run next; absent when the request is finished. */
  readonly step?: string
  /** Why nothing of it runs; absent when something does, or it is finished. */
  readonly waiting?: WaitingDocument
  readonly deliveries: number
  readonly acceptedAt: string
  readonly finishedAt?: string
  readonly error?: StatusError
  readonly steps: readonly StepStatus[]
  readonly replayOf?: string
  readonly links: RequestLinks
}

export interface WaitingDocument {
  readonly reason: WaitingReason
  readonly since: string
  /** The next try. */
  readonly until?: string
  readonly lastError?: StatusError
}

export type StepStatus = Omit<StepRecord, 'startedAt' | 'finishedAt'> & {
  readonly startedAt: string
  readonly finishedAt: string
}

/** Where a stored request is found on the data plane. */
export interface RequestLinks {
  readonly self: string
  readonly reply: string
  readonly events: string
}

export function linksOf(pipeline: string, id: string): RequestLinks {
  const self = ['', pipeline, 'requests', encodeURIComponent(id)].join('/')
  return { self, reply: [self, 'reply'].join('/'), events: [self, 'events'].join('/') }
}

/**
 * `stepNames` are those of the plan as it is served now; empty: the pipeline is not served here. `hold`: what keeps this
 * replica from beginning more of it.
 */
export function statusDocument(record: RequestSummary, stepNames: readonly string[], hold?: Waiting): StatusDocument {
  const { id, pipeline, generation, status, deliveries, acceptedAt, finishedAt, replayOf } = record
  const running = status === 'accepted' || status === 'running'
  const step = running ? stepNames[record.progress?.next ?? 0] : undefined
  const waiting = waitingOf(record, { served: stepNames.length > 0, hold, now: Date.now() })
  const error = errorOf(record)
  return {
    id,
    pipeline,
    generation,
    status,
    ...(step !== undefined && { step }),
    ...(waiting !== undefined && { waiting: waitingDocument(waiting) }),
    deliveries,
    acceptedAt: isoTime(acceptedAt),
    ...(finishedAt !== undefined && { finishedAt: isoTime(finishedAt) }),
    ...(error !== undefined && { error }),
    steps: record.steps.map(stepStatus),
    ...(replayOf !== undefined && { replayOf }),
    links: linksOf(pipeline, id)
  }
}

/** One visit of a step, as the document shows it. */
export const stepStatus = (record: StepRecord): StepStatus => ({
  ...record,
  startedAt: isoTime(record.startedAt),
  finishedAt: isoTime(record.finishedAt)
})

function waitingDocument({ reason, since, until, lastError }: Waiting): WaitingDocument {
  return {
    reason,
    since: isoTime(since),
    ...(until !== undefined && { until: isoTime(until) }),
    ...(lastError !== undefined && { lastError })
  }
}

function errorOf({ failure }: RequestSummary): StatusError | undefined {
  if (failure === undefined) return undefined
  const { code, message, step, attempts, upstreamStatus } = failure
  const said = toldText(failure.upstreamBody)
  return {
    code,
    detail: message,
    ...(step !== undefined && { step }),
    attempts,
    ...(upstreamStatus !== undefined && { upstreamStatus }),
    ...(said !== undefined && { upstreamBody: said })
  }
}
