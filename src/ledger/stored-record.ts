import type { Failure, Progress, Settlement } from './ledger.ts'
import { decodeProgress, decodeRequest, decodeSettlement, type RequestContent } from './record-codec.ts'
import type { RequestRecord } from './request-record.ts'
import type { RequestSummary } from './request-summary.ts'

/** The fields of a record that a store looks at, and changes. */
export type RecordState = Pick<
  RequestRecord,
  'id' | 'pipeline' | 'status' | 'version' | 'deliveries' | 'acceptedAt' | 'finishedAt' | 'waiting'
>

/** A record as a store keeps it: its state, and the frames of `record-codec.ts`. */
export interface StoredRecord extends RecordState {
  readonly request: Uint8Array
  readonly progress: Uint8Array | undefined
  /** Absent also when the store itself cancelled the request. */
  readonly settlement: Uint8Array | undefined
}

/** The record that the stored one stands for. */
export function readStoredRecord(stored: StoredRecord): RequestRecord {
  const progress = stored.progress && decodeProgress(stored.progress)
  const settlement = stored.settlement && decodeSettlement(stored.settlement)
  return createRecord(decodeRequest(stored.request, stored.id), stored, progress, settlement)
}

/** What a list tells of the stored record, whose frames may be without their blobs. */
export const readStoredSummary = (stored: StoredRecord): RequestSummary => summaryOf(readStoredRecord(stored))

/** What a list tells of the record. */
export function summaryOf(record: RequestRecord): RequestSummary {
  const { event: _event, headers: _headers, reply: _reply, progress, failure, ...summary } = record
  return { ...summary, progress: progress && { next: progress.next }, failure: failure && causeOf(failure) }
}

const causeOf = ({ input: _input, replies: _replies, ...cause }: Failure): Omit<Failure, 'input' | 'replies'> => cause

/** The record of the request in this state. */
export function createRecord(
  { generation, event, headers, priority, orderKey, eventTime, replayOf, traceId, deadline }: RequestContent,
  { id, pipeline, status, version, deliveries, acceptedAt, finishedAt, waiting }: RecordState,
  progress: Progress | undefined,
  settlement: Settlement | undefined
): RequestRecord {
  const failure = settlement?.status === 'failed' ? settlement.failure : undefined
  return {
    id,
    pipeline,
    generation,
    status,
    version,
    event,
    headers,
    priority,
    orderKey,
    eventTime: eventTime ?? acceptedAt,
    deliveries: failure?.deliveries ?? deliveries,
    acceptedAt,
    finishedAt,
    progress,
    waiting,
    deadline,
    steps: settlement?.steps ?? progress?.steps ?? [],
    reply: settlement?.status === 'replied' ? settlement.reply : undefined,
    filteredBy: settlement?.status === 'filtered' ? settlement.step : undefined,
    failure,
    replayOf,
    traceId
  }
}
