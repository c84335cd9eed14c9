import type { Pending } from '../../gauges.ts'
import type { RequestFilter } from '../../records.ts'
import type { RequestRecord } from '../../record/request-record.ts'
import type { StoredRecord } from '../../record/stored-record.ts'
import { readRecord, readSummaryBySeq } from './read-record.ts'
import type { PipelineQueue, Session } from './session.ts'
import { state } from './request-state.ts'

/** The record of a request under its pipeline. */
export function read(
  session: Session,
  { pipeline, id }: { readonly pipeline: string; readonly id: string }
): StoredRecord | 'expired' | undefined {
  const queue = session.find(pipeline)
  return queue && readRecord(session, queue, id)
}

/** An empty blob is above every text in SQLite's order: no bound. */
const aboveAllTexts = new Uint8Array()

const whereStatus: Readonly<Record<RequestRecord['status'] | 'any', string>> = {
  any: `INDEXED BY requests_by_id WHERE state < ${state.expired}`,
  accepted: `INDEXED BY requests_by_id WHERE state < ${state.claimed}`,
  running: `INDEXED BY queue WHERE state = ${state.claimed} AND position IS NOT NULL`,
  replied: `INDEXED BY finished WHERE state = ${state.replied} AND finished_at IS NOT NULL`,
  filtered: `INDEXED BY finished WHERE state = ${state.filtered} AND finished_at IS NOT NULL`,
  failed: `INDEXED BY finished WHERE state = ${state.failed} AND finished_at IS NOT NULL`,
  cancelled: `INDEXED BY finished WHERE state = ${state.cancelled} AND finished_at IS NOT NULL`
}

/** Newest first: ids grow with time. Each pipeline has its own index, of which the newest are merged. */
export function list(session: Session, { pipeline, status, after, limit }: RequestFilter): readonly StoredRecord[] {
  const ofQueue = ({ no }: PipelineQueue): readonly { readonly seq: number; readonly id: string }[] =>
    session.database.rows(
      `SELECT seq, id FROM requests ${whereStatus[status ?? 'any']} AND pipeline = ? AND id < ?
         AND (expires_at IS NULL OR expires_at > ?) ORDER BY id DESC LIMIT ?`,
      no,
      after ?? aboveAllTexts,
      session.now(),
      limit
    )
  return selectQueues(session, pipeline)
    .flatMap(ofQueue)
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, limit)
    .flatMap(({ seq }) => readSummaryBySeq(session, seq) ?? [])
}

/** The queue of the pipeline, if there is one, or all. */
function selectQueues(session: Session, pipeline: string | undefined): readonly PipelineQueue[] {
  if (pipeline === undefined) return [...session.queues()]
  const queue = session.find(pipeline)
  return queue === undefined ? [] : [queue]
}

/** All that have ever accepted a request. */
export const pipelines = (session: Session): readonly string[] => Array.from(session.queues(), ({ name }) => name)

/** How much is waiting, and since when. */
export function pending(session: Session, pipeline: string): Pending {
  const queue = session.find(pipeline)
  if (queue === undefined) return { queued: 0, claimed: 0, oldestAcceptedAt: undefined, leastEventTime: undefined }
  const { no, queued, claimed } = queue
  return {
    queued,
    claimed,
    oldestAcceptedAt: leastOpen(session, no, 'accepted_at', 'queued_by_age'),
    leastEventTime: leastOpen(session, no, 'event_time', 'queued_by_event_time')
  }
}

/**
 * Of the queued ones by their index; of the claimed ones, which have none, since they come and go, by a look at each.
 */
function leastOpen({ database }: Session, no: number, column: string, queuedIndex: string): number | undefined {
  const least = (index: string, where: string): number =>
    database.row<{ at: number | null }>(
      `SELECT min(${column}) AS at FROM requests INDEXED BY ${index} WHERE pipeline = ? AND ${where}`,
      no
    )?.at ?? Infinity
  const at = Math.min(
    least(queuedIndex, `state < ${state.claimed}`),
    least('queue', `state = ${state.claimed} AND position IS NOT NULL`)
  )
  return at === Infinity ? undefined : at
}
