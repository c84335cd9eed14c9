import type { Claim } from '../../work.ts'
import { insertFrame } from './frames.ts'
import { held, openColumns, type OpenRequest } from './held.ts'
import { removeMarks, removeMarksBelow, writeMark } from './marks.ts'
import type { SettledAnswer, StoredCheckpoint, StoredNote, StoredRelease, StoredSettlement } from '../operations.ts'
import { tellReplayed } from './close-replayed.ts'
import type { PipelineQueue, Session } from './session.ts'
import { state } from './request-state.ts'
import { removeStream } from './streams.ts'

/** Records where a sequence stands. */
export function checkpoint(session: Session, { claim, path, bytes, clears }: StoredCheckpoint): boolean {
  const request = held(session, claim)
  if (request === undefined) return false
  const { database } = session
  database.change('UPDATE requests SET version = version + 1 WHERE seq = ?', request.seq)
  if (clears) removeMarksBelow(database, request.seq, path)
  writeMark(database, request.seq, path, bytes)
  return true
}

/** Ends the request; `undefined`: the claim is lost. */
export function settle(session: Session, settlement: StoredSettlement): SettledAnswer | undefined {
  const request = held(session, settlement.claim)
  if (request === undefined) return undefined
  const { seq, pipeline, id } = request
  const finishedAt = session.now()
  insertFrame(session.database, 'settlements', seq, settlement.bytes)
  removeMarks(session.database, seq)
  if (settlement.status === 'failed') {
    session.database.insert(
      'INSERT INTO dead_letters (id, seq, pipeline, step, code, failed_at, closed) VALUES (?, ?, ?, ?, ?, ?, 0)',
      id,
      seq,
      pipeline,
      settlement.step,
      settlement.code,
      finishedAt
    )
  }
  return end(session, request, settlement.status, finishedAt)
}

/** Tells of a request that runs under the claim, or did when it was cancelled. */
export function tell(session: Session, { claim: { pipeline, id, token }, note }: StoredNote): boolean {
  const changed = session.database.change(
    `UPDATE requests SET waiting = ?
     WHERE pipeline = ? AND id = ? AND token = ? AND state IN (${state.claimed}, ${state.cancelled})`,
    note,
    session.find(pipeline)?.no,
    id,
    token
  )
  return changed === 1
}

/** Gives the request back. It stays the first of its order key, so it never waits for another one. */
export function release(session: Session, input: StoredRelease): boolean {
  const request = held(session, input.claim)
  if (request === undefined) return false
  const delayed = input.delayMs > 0
  session.database.change(
    `UPDATE requests SET state = ?, position = ?, deliveries = deliveries - ?, waiting = ?, version = version + 1
     WHERE seq = ?`,
    delayed ? state.delayed : state.ready,
    delayed ? session.elapsed() + Math.ceil(input.delayMs) : request.rank,
    Number(!input.spent),
    input.note,
    request.seq
  )
  const queue = session.queue(request.pipeline)
  queue.claimed -= 1
  queue.queued += 1
  return true
}

/** Ends a request from outside; its marks and its note stay, to tell of its steps. */
export function cancel(
  session: Session,
  { pipeline, id }: Omit<Claim, 'token'>
): SettledAnswer | 'settled' | 'unknown' {
  const request = session.database.row<OpenRequest>(
    `SELECT ${openColumns} FROM requests WHERE pipeline = ? AND id = ?`,
    session.find(pipeline)?.no,
    id
  )
  if (request === undefined) return 'unknown'
  return request.state > state.claimed ? 'settled' : end(session, request, 'cancelled', session.now())
}

/** A failed request is kept, as a dead letter; any other expires. `finishedAt`: milliseconds since the epoch. */
function end(
  session: Session,
  request: OpenRequest,
  status: StoredSettlement['status'],
  finishedAt: number
): SettledAnswer {
  session.database.change(
    `UPDATE requests SET state = ?, position = NULL, order_key = NULL, finished_at = ?, expires_at = ?,
       version = version + 1${status === 'cancelled' ? '' : ', waiting = NULL'} WHERE seq = ?`,
    state[status],
    finishedAt,
    status === 'failed' ? null : finishedAt + request.ttl,
    request.seq
  )
  removeStream(session, request.seq)
  tellReplayed(session, request, status)
  const queue = session.queue(request.pipeline)
  queue[request.state === state.claimed ? 'claimed' : 'queued'] -= 1
  const unblocked = unblockNext(session, queue, request.order_key)
  return { unblocked, version: request.version + 1, finishedAt }
}

/** Readies the request that is the first of the order key now, unless it was that before. */
function unblockNext({ database }: Session, { no }: PipelineQueue, orderKey: string | null): boolean {
  if (orderKey === null) return false
  const changed = database.change(
    `UPDATE requests SET state = ${state.ready}, position = rank WHERE state = ${state.blocked} AND seq =
       (SELECT seq FROM requests WHERE pipeline = ? AND order_key = ? ORDER BY seq LIMIT 1)`,
    no,
    orderKey
  )
  return changed === 1
}
