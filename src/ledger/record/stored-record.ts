import type { Marks } from './mark.ts'
import { noMarks } from '../../pipeline/paths.ts'
import type { Failure, Settlement } from './settlement.ts'
import { decodeMark, decodeRequest, decodeSettlement } from './record-codec.ts'
import type { RequestContent } from './new-request.ts'
import type { RequestRecord, RequestSummary } from './request-record.ts'

/** The fields of a record that a store looks at, and changes. */
export type RecordState = Pick<
  RequestRecord,
  'id' | 'pipeline' | 'status' | 'version' | 'deliveries' | 'acceptedAt' | 'finishedAt' | 'waiting' | 'told' | 'stream'
>

/** A record as a store keeps it: its state, and the frames of `record-codec.ts`. */
export interface StoredRecord extends RecordState {
  readonly request: Uint8Array
  /** By the paths of their sequences. */
  readonly marks: readonly (readonly [string, Uint8Array])[]
  /** Absent also when the store itself cancelled the request. */
  readonly settlement: Uint8Array | undefined
}

/** The record that the stored one stands for. */
export function readStoredRecord(stored: StoredRecord): RequestRecord {
  const marks =
    stored.marks.length === 0 ? noMarks : new Map(stored.marks.map(([path, mark]) => [path, decodeMark(mark)]))
  const settlement = stored.settlement && decodeSettlement(stored.settlement, stored.id)
  return createRecord(decodeRequest(stored.request, stored.id), stored, marks, settlement)
}

/** The summary of the stored record, whose frames may be without their blobs. */
export const readStoredSummary = (stored: StoredRecord): RequestSummary => summaryOf(readStoredRecord(stored))

/** The summary of the record. */
export function summaryOf(record: RequestRecord): RequestSummary {
  const { event: _event, headers: _headers, reply: _reply, marks, failure, ...summary } = record
  return { ...summary, marks: nextOf(marks), failure: failure && causeOf(failure) }
}

const nextOf = (marks: Marks): RequestSummary['marks'] =>
  marks.size === 0 ? noMarks : new Map([...marks].map(([path, { next, ended }]) => [path, { next, ended }]))

const causeOf = ({ places: _places, ...cause }: Failure): Omit<Failure, 'places'> => cause

/** The record of the request in this state. */
export function createRecord(
  { generation, event, headers, priority, orderKey, eventTime, replayOf, traceId, deadline }: RequestContent,
  { id, pipeline, status, version, deliveries, acceptedAt, finishedAt, waiting, told, stream }: RecordState,
  marks: Marks,
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
    marks,
    waiting,
    told,
    stream: settlement === undefined ? stream : streamIn(settlement),
    deadline,
    steps: settlement?.steps ?? stepsOf(marks),
    reply: settlement?.status === 'replied' ? settlement.reply : undefined,
    filteredBy: settlement?.status === 'filtered' ? settlement.step : undefined,
    failure,
    replayOf,
    traceId
  }
}

const streamIn = (settlement: Settlement): RequestRecord['stream'] =>
  settlement.status === 'replied' && settlement.run !== undefined
    ? { run: settlement.run, size: settlement.reply.data?.length ?? 0 }
    : undefined

/** Those of the root first, as it began first. */
const stepsOf = (marks: Marks): RequestRecord['steps'] => [...marks.values()].flatMap(({ steps }) => steps)
