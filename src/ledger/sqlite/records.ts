import type { StoredRecord } from '../stored-record.ts'
import type { PipelineQueue, Session } from './session.ts'
import { statusOf } from './state.ts'

interface RecordRow {
  readonly pipeline: number
  readonly id: string
  readonly state: number
  readonly version: number
  readonly deliveries: number
  readonly accepted_at: number
  readonly finished_at: number | null
  readonly expires_at: number | null
  readonly request: Uint8Array | null
  readonly progress: Uint8Array | null
  readonly settlement: Uint8Array | null
}

const records = `
  SELECT pipeline, id, state, version, deliveries, accepted_at, finished_at, expires_at,
    contents.bytes AS request, progress.bytes AS progress, settlements.bytes AS settlement
  FROM requests
    LEFT JOIN contents USING (seq) LEFT JOIN progress USING (seq) LEFT JOIN settlements USING (seq)`

/** The record of a request; `expired` as soon as its time is over, swept or not. */
export function readRecord(session: Session, queue: PipelineQueue, id: string): StoredRecord | 'expired' | undefined {
  const row = session.database.row<RecordRow>(`${records} WHERE pipeline = ? AND id = ?`, queue.no, id)
  return row && (toStoredRecord(session, row) ?? 'expired')
}

/** The record by its number. */
export function readBySeq(session: Session, seq: number): StoredRecord | undefined {
  const row = session.database.row<RecordRow>(`${records} WHERE requests.seq = ?`, seq)
  return row && toStoredRecord(session, row)
}

function toStoredRecord(session: Session, row: RecordRow): StoredRecord | undefined {
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
    request: row.request,
    progress: row.progress ?? undefined,
    settlement: row.settlement ?? undefined
  }
}
