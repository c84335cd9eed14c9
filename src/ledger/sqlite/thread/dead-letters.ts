import type { DeadLetterFilter } from '../../dead-letters.ts'
import type { StoredRecord } from '../../record/stored-record.ts'
import { accept } from './accept.ts'
import { expire } from './expire.ts'
import type { ReplayAnswer, StoredDeadLetter, StoredRequest } from '../operations.ts'
import { readBySeq, readSummaryBySeq } from './read-record.ts'
import { unmarkReplayed } from './close-replayed.ts'
import type { Session } from './session.ts'

interface DeadLetterRow {
  readonly seq: number
  readonly pipeline: number
  readonly replayed_as: string | null
  readonly closed: number
  readonly replay_of: string | null
}

/** Oldest first: ids grow with time. */
export function listDeadLetters(session: Session, filter: DeadLetterFilter): readonly StoredDeadLetter[] {
  const pipeline = filter.pipeline === undefined ? undefined : (session.find(filter.pipeline)?.no ?? -1)
  const rows = session.database.rows<DeadLetterRow>(
    `SELECT d.seq, d.pipeline, d.replayed_as, d.closed, r.replay_of FROM dead_letters d JOIN requests r ON r.seq = d.seq
     WHERE d.id > ?1 AND (?2 IS NULL OR d.pipeline = ?2) AND (?3 IS NULL OR d.step = ?3) AND (?4 IS NULL OR d.code = ?4)
       AND d.failed_at >= ?5 AND d.closed <= ?6 AND (r.expires_at IS NULL OR r.expires_at > ?7)
     ORDER BY d.id LIMIT ?8`,
    filter.after ?? '',
    pipeline,
    filter.step,
    filter.code,
    filter.since ?? 0,
    Number(filter.closed),
    session.now(),
    filter.limit
  )
  return rows.flatMap(row => toDeadLetter(row, readSummaryBySeq(session, row.seq)) ?? [])
}

export function readDeadLetter(session: Session, id: string): StoredDeadLetter | undefined {
  const row = find(session, id)
  return row && toDeadLetter(row, readBySeq(session, row.seq))
}

/** Those that no replay has closed. */
export function countDeadLetters(session: Session, pipeline: string | undefined): number {
  const no = pipeline === undefined ? undefined : (session.find(pipeline)?.no ?? -1)
  const row = session.database.row<{ letters: number }>(
    `SELECT count(*) AS letters FROM dead_letters WHERE closed = 0${no === undefined ? '' : ' AND pipeline = ?'}`,
    ...(no === undefined ? [] : [no])
  )
  return row?.letters ?? 0
}

export function removeDeadLetter(session: Session, id: string): boolean {
  const row = find(session, id)
  if (row === undefined) return false
  const { seq, pipeline, replay_of } = row
  unmarkReplayed(session, { pipeline, id, replay_of })
  expire(session, seq)
  return true
}

/** Accepts the replay and marks the dead letter with it, unless there is one that runs or ended well. */
export function replay(
  session: Session,
  input: { readonly id: string; readonly request: StoredRequest }
): ReplayAnswer {
  const letter = find(session, input.id)
  if (letter === undefined) return { kind: 'unknown' }
  const standing = standingReplay(session, letter)
  if (standing !== undefined) return { kind: 'repeated', id: standing }
  const answer = accept(session, { requests: [input.request], leaseMs: undefined })
  if (answer.kind === 'full') return answer
  session.database.change('UPDATE dead_letters SET replayed_as = ? WHERE seq = ?', input.request.id, letter.seq)
  return { kind: 'replayed' }
}

/** The replay that has not failed: of the dead letter, or of the failed replay's own. */
function standingReplay(session: Session, letter: DeadLetterRow): string | undefined {
  if (letter.replayed_as === null) return undefined
  const failed = find(session, letter.replayed_as)
  return failed === undefined ? letter.replayed_as : standingReplay(session, failed)
}

const find = ({ database }: Session, id: string): DeadLetterRow | undefined =>
  database.row<DeadLetterRow>(
    `SELECT d.seq, d.pipeline, d.replayed_as, d.closed, r.replay_of FROM dead_letters d JOIN requests r ON r.seq = d.seq
     WHERE d.id = ?`,
    id
  )

const toDeadLetter = (row: DeadLetterRow, record: StoredRecord | undefined): StoredDeadLetter | undefined =>
  record && { record, replayedAs: row.replayed_as ?? undefined, closed: row.closed === 1 }
