import type { Failure, Progress } from './ledger.ts'
import type { RequestRecord } from './request-record.ts'

/** What a list tells of a request: all but its events and headers, which may be large. A record is one too. */
export interface RequestSummary extends Omit<RequestRecord, 'event' | 'headers' | 'reply' | 'progress' | 'failure'> {
  readonly progress: Pick<Progress, 'next'> | undefined
  readonly failure: Omit<Failure, 'input' | 'replies'> | undefined
}
