import type { Pending, RequestFilter } from '../ledger.ts'
import type { RequestRecord } from '../request-record.ts'
import type { StoredRecord } from '../stored-record.ts'
import { readBySeq, readRecord } from './records.ts'
import type { PipelineQueue, Session } from './session.ts'
import { state } from './state.ts'

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
    .flatMap(({ seq }) => readBySeq(session, seq) ?? [])
}

/** The queue of the pipeline, if there is one, or all. */
function selectQueues(session: Session, pipeline: string | undefined): readonly PipelineQueue[] {
  if (pipeline === undefined) return [...session.queues()]
  const queue = session.find(pipeline)
  return queue === undefined ? [] : [queue]
}

/** All that have ever accepted a request. */
export const pipelines = (session: Session): readonly string[] => Array.from(session.queues(), ({ name }) => name)

/** How much is waiting. */
export function pending(session: Session, pipeline: string): Pending {
  const { database } = session
  const queue = session.find(pipeline)
  const oldest = database.row<{ at: number | null }>(
    'SELECT min(open_since) AS at FROM requests WHERE pipeline = ? AND open_since IS NOT NULL',
    queue?.no
  )
  const least = database.row<{ at: number | null }>(
    'SELECT min(event_time) AS at FROM requests WHERE pipeline = ? AND event_time IS NOT NULL',
    queue?.no
  )
  return {
    queued: queue?.queued ?? 0,
    claimed: queue?.claimed ?? 0,
    oldestAcceptedAt: oldest?.at ?? undefined,
    leastEventTime: least?.at ?? undefined
  }
}
