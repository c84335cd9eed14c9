import type { RequestRecord } from './record/request-record.ts'
import type { RequestSummary } from './record/request-summary.ts'

/** A failed request with what became of it since. */
export interface DeadLetter extends DeadLetterSummary {
  readonly record: RequestRecord
}

/** The same as a list tells it: the cause, without the data. */
export interface DeadLetterSummary {
  readonly record: RequestSummary
  /** The request that replays it, or that closed it. */
  readonly replayedAs: string | undefined
  /** The replay ended well, or the replay of its own dead letter. */
  readonly closed: boolean
}

export interface DeadLetterFilter {
  readonly pipeline: string | undefined
  readonly step: string | undefined
  readonly code: string | undefined
  /** Failed at or after, in milliseconds since the epoch. */
  readonly since: number | undefined
  /** Those that were closed by a replay too. */
  readonly closed: boolean
  /** The id of the last one seen. */
  readonly after: string | undefined
  readonly limit: number
}
