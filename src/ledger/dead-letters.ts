import type { NewRequest } from './record/new-request.ts'
import type { RequestRecord, RequestSummary } from './record/request-record.ts'

/** Failed requests that are kept, with what is needed to replay them. */
export interface DeadLetters {
  /** Oldest first, so that a bulk replay can go on after the last id that it did. Data of events is not read. */
  list(filter: DeadLetterFilter): Promise<readonly DeadLetterSummary[]>
  read(id: string): Promise<DeadLetter | undefined>
  count(pipeline: string | undefined): Promise<number>
  /** Removes it; false: there was none. The dead letter that it had replayed can be replayed again. */
  remove(id: string): Promise<boolean>
  /**
   * Accepts the replay and marks the dead letter with it, in one write. A dead letter with a replay that runs or ended
   * well, be it the replay of a replay that failed, answers that one. `undefined`: no such dead letter.
   */
  replay(id: string, request: NewRequest): Promise<{ readonly id: string; readonly repeated: boolean } | undefined>
}

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
