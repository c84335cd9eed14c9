import type { Claim } from '../../work.ts'
import type { StoredClaim } from '../operations.ts'
import { readBySeq } from './read-record.ts'
import type { PipelineQueue, Session } from './session.ts'
import { state } from './request-state.ts'

interface ClaimInput {
  readonly pipeline: string
  readonly limit: number
  readonly leaseMs: number
}

interface Candidate {
  readonly seq: number
  readonly rank: number
  readonly state: number
  readonly token: number
}

/** At most so many due requests join the ready ones for one claim, so that a claim stays short after an outage. */
const dueAtOnce = 1000

/** Claims in order of rank what is ready, due, or held under a lease that ran out. */
export function claim(session: Session, { pipeline, limit, leaseMs }: ClaimInput): readonly StoredClaim[] {
  const queue = session.find(pipeline)
  if (queue === undefined) return []
  readyTheDue(session, queue)
  return candidates(session, queue, limit).map(candidate => lease(session, queue, candidate, leaseMs))
}

/** Claims those of the requests that are not settled, nor held under a lease. */
export function claimThese(
  session: Session,
  { pipeline, ids, leaseMs }: { readonly pipeline: string; readonly ids: readonly string[]; readonly leaseMs: number }
): readonly StoredClaim[] {
  const queue = session.find(pipeline)
  if (queue === undefined) return []
  return ids.flatMap(id => {
    const candidate = session.database.row<Candidate>(
      `SELECT seq, rank, state, token FROM requests WHERE pipeline = ? AND id = ?
         AND (state < ${state.claimed} OR (state = ${state.claimed} AND position <= ?))`,
      queue.no,
      id,
      session.elapsed()
    )
    return candidate === undefined ? [] : lease(session, queue, candidate, leaseMs)
  })
}

function readyTheDue(session: Session, { no }: PipelineQueue): void {
  session.database.change(
    `UPDATE requests SET state = ${state.ready}, position = rank WHERE seq IN
       (SELECT seq FROM requests INDEXED BY queue
        WHERE pipeline = ? AND state = ${state.delayed} AND position <= ? ORDER BY position LIMIT ${dueAtOnce})`,
    no,
    session.elapsed()
  )
}

/** Leases that ran out are few: those of replicas that died. They are left alone until somebody takes them over. */
function candidates(session: Session, { no }: PipelineQueue, limit: number): readonly Candidate[] {
  const { database } = session
  const ready = database.rows<Candidate>(
    `SELECT seq, rank, state, token FROM requests INDEXED BY queue
     WHERE pipeline = ? AND state = ${state.ready} AND position IS NOT NULL ORDER BY position, seq LIMIT ?`,
    no,
    limit
  )
  const orphaned = database.rows<Candidate>(
    `SELECT seq, rank, state, token FROM requests INDEXED BY queue
     WHERE pipeline = ? AND state = ${state.claimed} AND position <= ? ORDER BY rank, seq LIMIT ?`,
    no,
    session.elapsed(),
    limit
  )
  if (orphaned.length === 0) return ready
  return [...ready, ...orphaned].sort((a, b) => a.rank - b.rank || a.seq - b.seq).slice(0, limit)
}

function lease(session: Session, queue: PipelineQueue, candidate: Candidate, leaseMs: number): StoredClaim {
  session.database.change(
    `UPDATE requests SET state = ${state.claimed}, position = ?, token = token + 1, deliveries = deliveries + 1,
       version = version + 1 WHERE seq = ?`,
    session.elapsed() + leaseMs,
    candidate.seq
  )
  if (candidate.state !== state.claimed) {
    queue.queued -= 1
    queue.claimed += 1
  }
  const record = readBySeq(session, candidate.seq)
  if (record === undefined) throw new Error(`request ${candidate.seq} has no content`)
  const token = candidate.token + 1
  session.claims.push({ pipeline: queue.name, id: record.id, token })
  return { token, takenOver: candidate.state === state.claimed, record }
}

/** Extends the leases that are still held; false for each that is lost. */
export function renew(session: Session, input: { claims: readonly Claim[]; leaseMs: number }): readonly boolean[] {
  const end = session.elapsed() + input.leaseMs
  return input.claims.map(({ pipeline, id, token }) => {
    const changed = session.database.change(
      `UPDATE requests SET position = ? WHERE pipeline = ? AND id = ? AND token = ? AND state = ${state.claimed}`,
      end,
      session.find(pipeline)?.no,
      id,
      token
    )
    return changed === 1
  })
}

/** Pipelines that have something to claim now. */
export function claimable(session: Session): readonly string[] {
  const now = session.elapsed()
  const has = (no: number, code: number, until: number): boolean =>
    session.database.row(
      'SELECT 1 FROM requests INDEXED BY queue WHERE pipeline = ? AND state = ? AND position <= ? LIMIT 1',
      no,
      code,
      until
    ) !== undefined
  const isClaimable = ({ no, queued, claimed }: PipelineQueue): boolean =>
    (queued > 0 && (has(no, state.ready, Number.MAX_SAFE_INTEGER) || has(no, state.delayed, now))) ||
    (claimed > 0 && has(no, state.claimed, now))
  return [...session.queues()].filter(isClaimable).map(({ name }) => name)
}
