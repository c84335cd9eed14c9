import { removeMarks } from './marks.ts'
import type { Session } from './session.ts'
import { state } from './request-state.ts'

/** How long a caller is told that a request has expired, rather than that there is none. */
const markMs = 7 * 24 * 3_600_000

/** Forgets a settled request, but for the mark that it was there. */
export function expire(session: Session, seq: number): void {
  const { database } = session
  database.change('DELETE FROM contents WHERE seq = ?', seq)
  removeMarks(database, seq)
  database.change('DELETE FROM settlements WHERE seq = ?', seq)
  database.change('DELETE FROM deduplication WHERE seq = ?', seq)
  database.change('DELETE FROM dead_letters WHERE seq = ?', seq)
  database.change(
    `UPDATE requests SET state = ${state.expired}, finished_at = NULL, expires_at = ?, waiting = NULL WHERE seq = ?`,
    session.now() + markMs,
    seq
  )
}

/** Forgets up to `limit` requests whose time is over, or their marks; answers how many there were. */
export function sweep(session: Session, { limit }: { readonly limit: number }): number {
  const due = session.database.rows<{ seq: number; state: number }>(
    'SELECT seq, state FROM requests WHERE expires_at <= ? ORDER BY expires_at LIMIT ?',
    session.now(),
    limit
  )
  for (const { seq, state: code } of due) {
    if (code === state.expired) session.database.change('DELETE FROM requests WHERE seq = ?', seq)
    else expire(session, seq)
  }
  return due.length
}
