import type { StepFailure } from '../../event/outcome.ts'
import { isoTime } from '../../event/iso-time.ts'
import { rootPath } from '../../pipeline/paths.ts'
import type { RequestRecord, RequestSummary } from './request-record.ts'
import type { StepNow } from './step-now.ts'
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
  /** The first step that runs, else waits, or would run next; absent when the request is finished. */
  readonly step?: string
  /** Where it stands: names from the root, joined by `/`. */
  readonly path?: string
  /** Why nothing of it runs; absent when something does, or it is finished. */
  readonly waiting?: WaitingDocument
  readonly deliveries: number
  readonly acceptedAt: string
  readonly finishedAt?: string
  readonly error?: StatusError
  /** Each that has begun or was passed over, in the order of the definition, a structured one before those inside it. */
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

export interface StepStatus extends Pick<StepNow, 'name' | 'path' | 'status' | 'attempts'> {
  /** Absent where only another replica knows. */
  readonly startedAt?: string
  /** Absent while it runs, or is held. */
  readonly finishedAt?: string
  /** Of one that is held. */
  readonly waiting?: WaitingDocument
  /** Why it failed, but for the failure of the request, or the first failure that it forgave. */
  readonly error?: StepFailure
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

/** The facts of a request that its record does not have. */
export interface Surroundings {
  /** The step at which a request begins; `undefined`: the pipeline is not served here. */
  readonly first: string | undefined
  /** Keeps this replica from beginning more of the pipeline's requests. */
  readonly hold: Waiting | undefined
  /** In the order of the definition. */
  readonly steps: readonly StepNow[]
}

export function statusDocument(record: RequestSummary, { first, hold, steps }: Surroundings): StatusDocument {
  const { id, pipeline, generation, status, deliveries, acceptedAt, finishedAt, replayOf } = record
  const isOpen = status === 'accepted' || status === 'running'
  const place = isOpen ? (placeIn(steps) ?? nextPlace(record, first)) : undefined
  const waiting = waitingOf(record, { served: first !== undefined, hold, now: Date.now(), steps })
  const error = errorOf(record)
  return {
    id,
    pipeline,
    ...(generation !== undefined && { generation }),
    status,
    ...place,
    ...(waiting !== undefined && { waiting: waitingDocument(waiting) }),
    deliveries,
    acceptedAt: isoTime(acceptedAt),
    ...(finishedAt !== undefined && { finishedAt: isoTime(finishedAt) }),
    ...(error !== undefined && { error }),
    steps: steps.map(stepStatus),
    ...(replayOf !== undefined && { replayOf }),
    links: linksOf(pipeline, id)
  }
}

type Place = Pick<StatusDocument, 'step' | 'path'>

/** Where the steps are: at the first that runs, else waits. */
export function placeIn(steps: readonly StepNow[]): Place | undefined {
  const first = (status: StepNow['status']) => steps.find(step => step.status === status)
  const found = first('running') ?? first('held')
  return found && { step: found.name, path: found.path }
}

/** The node behind all steps, which delivers the reply, is not a step; no step can have its name. */
function nextPlace({ marks }: RequestSummary, first: string | undefined): Place | undefined {
  const root = marks.get(rootPath)
  const next = root === undefined ? first : root.next
  return next === undefined || next.startsWith('@') ? undefined : { step: next, path: next }
}

/** One step, as the document shows it. */
export const stepStatus = ({
  name,
  path,
  status,
  attempts,
  startedAt,
  finishedAt,
  waiting,
  error
}: StepNow): StepStatus => ({
  name,
  path,
  status,
  attempts,
  ...(startedAt !== undefined && { startedAt: isoTime(startedAt) }),
  ...(finishedAt !== undefined && { finishedAt: isoTime(finishedAt) }),
  ...(waiting !== undefined && { waiting: waitingDocument(waiting) }),
  ...(error !== undefined && { error })
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
