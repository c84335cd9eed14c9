import type { EndSignal } from '../event/end-signal.ts'
import type { RequestRecord, RequestSummary } from './record/request-record.ts'

/** How far requests have come. */
export interface Records {
  /** The record; `expired`: its time to live is over; `undefined`: never known under this pipeline. */
  read(pipeline: string, id: string): Promise<RequestRecord | 'expired' | undefined>

  /** Resolves with the record once its version is above `version`, or with what `read` says when the signal aborts. */
  wait(pipeline: string, id: string, version: number, signal: EndSignal): Promise<RequestRecord | 'expired' | undefined>

  /**
   * Newest first. `after` is the id of the last one seen. Data of events is not read, so that a list of large ones is
   * cheap.
   */
  list(filter: RequestFilter): Promise<readonly RequestSummary[]>
}

export interface RequestFilter {
  readonly pipeline: string | undefined
  readonly status: RequestRecord['status'] | undefined
  readonly after: string | undefined
  readonly limit: number
}
