import type { Settlement } from '../../record/settlement.ts'
import type { Session } from './session.ts'

interface Replay {
  readonly pipeline: number
  readonly id: string
  readonly replay_of: string | null
}

/** Tells the dead letter that a request replays how the request ended. One that failed leaves everything as it is. */
export function tellReplayed(session: Session, replay: Replay, status: Settlement['status']): void {
  switch (status) {
    case 'replied':
    case 'filtered':
      return closeReplayed(session, replay)
    case 'cancelled':
      return unmarkReplayed(session, replay)
    case 'failed':
  }
}

/** The dead letter can be replayed again, as if this replay had not been. */
export function unmarkReplayed({ database }: Session, { pipeline, id, replay_of }: Replay): void {
  if (replay_of === null) return
  database.change(
    'UPDATE dead_letters SET replayed_as = NULL WHERE id = ? AND pipeline = ? AND replayed_as = ?',
    replay_of,
    pipeline,
    id
  )
}

/**
 * The dead letter has ended well after all, and expires from now on like any other request. So does what a dead letter
 * that is a replay itself had replayed.
 */
function closeReplayed(session: Session, { pipeline, id, replay_of }: Replay): void {
  const { database } = session
  for (let origin = replay_of; origin !== null;) {
    const letter = database.row<{ seq: number; replay_of: string | null }>(
      `SELECT d.seq, r.replay_of FROM dead_letters d JOIN requests r ON r.seq = d.seq
       WHERE d.id = ? AND d.pipeline = ? AND d.closed = 0`,
      origin,
      pipeline
    )
    if (letter === undefined) return
    database.change('UPDATE dead_letters SET closed = 1, replayed_as = ? WHERE seq = ?', id, letter.seq)
    database.change('UPDATE requests SET expires_at = ? + ttl WHERE seq = ?', session.now(), letter.seq)
    origin = letter.replay_of
  }
}
