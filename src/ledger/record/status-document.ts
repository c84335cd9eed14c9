import { isoTime } from '../../event/iso-time.ts'
import { rootPath } from './mark.ts'
import type { RequestRecord, RequestSummary } from './request-record.ts'
import type { StepRecord } from './step-record.ts'
import { statusError, type StatusError } from './status-error.ts'
import type { Waiting, WaitingReason } from './waiting.ts'
import { waitingOf } from './waiting-of.ts'

/** The answer of `GET …/requests/{id}`; times are RFC 3339. */
export interface StatusDocument {
  readonly id: string
  readonly pipeline: string
  /** Absent where a version recorded the request that numbered none. */
  readonly generation?: number
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
 * `firstStep` is the one at which a request begins; `undefined`: the pipeline is not served here. `hold`: what keeps
 * this replica from beginning more of it.
 */
export function statusDocument(record: RequestSummary, firstStep: string | undefined, hold?: Waiting): StatusDocument {
  const { id, pipeline, generation, status, deliveries, acceptedAt, finishedAt, replayOf } = record
  const running = status === 'accepted' || status === 'running'
  const step = running ? nextStep(record, firstStep) : undefined
  const waiting = waitingOf(record, { served: firstStep !== undefined, hold, now: Date.now() })
  const error = errorOf(record)
  return {
    id,
    pipeline,
    ...(generation !== undefined && { generation }),
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

/** The node behind all steps, which delivers the reply, is not a step; its name is none that a step can have. */
function nextStep({ marks }: RequestSummary, firstStep: string | undefined): string | undefined {
  const root = marks.get(rootPath)
  if (root === undefined) return firstStep
  return root.next?.startsWith('@') === true ? undefined : root.next
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

const errorOf = ({ failure }: RequestSummary): StatusError | undefined =>
  failure && statusError(failure.code, failure.message, failure)
