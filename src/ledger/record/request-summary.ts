import type { Failure, Mark } from '../ledger.ts'
import type { RequestRecord } from './request-record.ts'

/** What a list tells of a request: all but its events and headers, which may be large. A record is one too. */
export interface RequestSummary extends Omit<RequestRecord, 'event' | 'headers' | 'reply' | 'marks' | 'failure'> {
  readonly marks: ReadonlyMap<string, Pick<Mark, 'next'>>
  readonly failure: Omit<Failure, 'places'> | undefined
}
