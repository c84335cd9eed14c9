import { headOf, joinFrame } from '../../record/frame.ts'
import type { StoredRecord } from '../../record/stored-record.ts'
import { noNote, readNote, type ReadNote } from '../../record/note.ts'
import { readMarkHeads, readMarks } from './marks.ts'
import type { PipelineQueue, Session } from './session.ts'
import { state, statusOf } from './request-state.ts'
import { streamState } from './streams.ts'

interface SummaryRow {
  readonly seq: number
  readonly pipeline: number
  readonly id: string
  readonly state: number
  readonly token: number
  readonly version: number
  readonly deliveries: number
  readonly accepted_at: number
  readonly finished_at: number | null
  readonly expires_at: number | null
  readonly waiting: string | null
  readonly request: Uint8Array | null
  readonly settlement: Uint8Array | null
}

/** With the second piece of each frame that has one. */
interface RecordRow extends SummaryRow {
  readonly request_data: Uint8Array | null
  readonly settlement_data: Uint8Array | null
}

const noMarks: StoredRecord['marks'] = []

const select = (columns: string): string => `
  SELECT requests.seq, pipeline, id, state, token, version, deliveries, accepted_at, finished_at, expires_at, waiting,
    contents.bytes AS request, settlements.bytes AS settlement${columns}
  FROM requests
    LEFT JOIN contents USING (seq) LEFT JOIN settlements USING (seq)`

const summaries = select('')
const records = select(', contents.data AS request_data, settlements.data AS settlement_data')

/** The record of a request; `expired` as soon as its time is over, swept or not. */
export function readRecord(session: Session, queue: PipelineQueue, id: string): StoredRecord | 'expired' | undefined {
  const row = session.database.row<RecordRow>(`${records} WHERE pipeline = ? AND id = ?`, queue.no, id)
  return row && (toStoredRecord(session, whole(row), readMarks) ?? 'expired')
}

/** The record by its number. */
export function readBySeq(session: Session, seq: number): StoredRecord | undefined {
  const row = session.database.row<RecordRow>(`${records} WHERE requests.seq = ?`, seq)
  return row && toStoredRecord(session, whole(row), readMarks)
}

/** The same without the blobs of its frames, of which those that are large are not read. */
export function readSummaryBySeq(session: Session, seq: number): StoredRecord | undefined {
  const row = session.database.row<SummaryRow>(`${summaries} WHERE requests.seq = ?`, seq)
  return row && toStoredRecord(session, headsOnly(row), readMarkHeads)
}

const whole = (row: RecordRow): SummaryRow => ({
  ...row,
  request: row.request && joinFrame(row.request, row.request_data),
  settlement: row.settlement && joinFrame(row.settlement, row.settlement_data)
})

/** Former versions wrote frames in one piece, whatever their size. */
const headsOnly = (row: SummaryRow): SummaryRow => ({
  ...row,
  request: row.request && headOf(row.request),
  settlement: row.settlement && headOf(row.settlement)
})

function toStoredRecord(session: Session, row: SummaryRow, marksOf: typeof readMarks): StoredRecord | undefined {
  const status = statusOf(row.state)
  if (status === undefined || row.request === null) return undefined
  if (row.expires_at !== null && row.expires_at <= session.now()) return undefined
  return {
    id: row.id,
    pipeline: session.queue(row.pipeline).name,
    status,
    version: row.version,
    deliveries: row.deliveries,
    acceptedAt: row.accepted_at,
    finishedAt: row.finished_at ?? undefined,
    ...noteIn(row),
    stream: row.state === state.claimed ? streamState(session, row.seq, row.token) : undefined,
    request: row.request,
    marks: row.settlement === null ? marksOf(session.database, row.seq) : noMarks,
    settlement: row.settlement ?? undefined
  }
}

function noteIn({ state: code, accepted_at, waiting, token }: SummaryRow): ReadNote {
  if (code !== state.blocked) return waiting === null ? noNote : readNote(waiting, token)
  return { waiting: { reason: 'order', since: accepted_at, until: undefined, lastError: undefined }, told: undefined }
}
