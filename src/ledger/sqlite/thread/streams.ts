import type { Claim } from '../../work.ts'
import type { StoredPiece, StoredPieces, StoredPiecesFrom } from '../operations.ts'
import { held } from './held.ts'
import { state } from './request-state.ts'
import type { Session } from './session.ts'

interface StreamRow {
  readonly run: number
  readonly token: number
  readonly size: number
}

/** Adds a piece to the stream of the claim's run; `undefined`: the claim is lost. */
export function appendPiece(session: Session, { claim, offset, octets, head }: StoredPiece): number | undefined {
  const request = held(session, claim)
  if (request === undefined) return undefined
  const { seq } = request
  const { run, size } = begunBy(claim, seq, head, session)
  const fresh = octets.subarray(Math.max(0, size - offset))
  if (fresh.length === 0) return run
  session.database.insert('INSERT INTO pieces (seq, start, octets) VALUES (?, ?, ?)', seq, size, fresh)
  session.database.change('UPDATE streams SET size = size + ? WHERE seq = ?', fresh.length, seq)
  session.database.change('UPDATE requests SET version = version + 1 WHERE seq = ?', seq)
  return run
}

/** The stream of the run that has this claim, which is begun unless there is one. */
function begunBy({ token }: Claim, seq: number, head: Uint8Array, session: Session): StreamRow {
  const known = session.streaming.has(seq) ? readStream(session, seq) : undefined
  if (known?.token === token) return known
  const run = (known?.run ?? 0) + 1
  session.database.change('DELETE FROM pieces WHERE seq = ?', seq)
  session.database.change(
    'INSERT OR REPLACE INTO streams (seq, run, token, size, head) VALUES (?, ?, ?, 0, ?)',
    seq,
    run,
    token,
    head
  )
  session.streaming.add(seq)
  return { run, token, size: 0 }
}

const readStream = ({ database }: Session, seq: number): StreamRow | undefined =>
  database.row<StreamRow>('SELECT run, token, size FROM streams WHERE seq = ?', seq)

/** Of a request that is claimed under the token: how far its stream is. */
export function streamState(session: Session, seq: number, token: number): { run: number; size: number } | undefined {
  if (!session.streaming.has(seq)) return undefined
  const stream = readStream(session, seq)
  return stream?.token === token ? { run: stream.run, size: stream.size } : undefined
}

/** A part of what the present run has streamed. */
export function readPieces(session: Session, from: StoredPiecesFrom): StoredPieces | undefined {
  const stream = session.database.row<StreamRow & { seq: number; head: Uint8Array }>(
    `SELECT streams.seq, run, streams.token, size, head FROM requests JOIN streams USING (seq)
     WHERE pipeline = ? AND id = ? AND state = ${state.claimed} AND streams.token = requests.token`,
    session.find(from.pipeline)?.no,
    from.id
  )
  if (stream === undefined) return undefined
  const offset = stream.run === from.run ? Math.min(from.offset, stream.size) : 0
  return { run: stream.run, offset, head: stream.head, octets: octetsFrom(session, stream.seq, offset, from.limit) }
}

function octetsFrom({ database }: Session, seq: number, offset: number, limit: number): Uint8Array {
  const pieces = database.rows<{ start: number; octets: Uint8Array }>(
    `SELECT start, octets FROM pieces WHERE seq = ?1 AND start < ?3
       AND start >= coalesce((SELECT max(start) FROM pieces WHERE seq = ?1 AND start <= ?2), 0) ORDER BY start`,
    seq,
    offset,
    offset + limit
  )
  const [first] = pieces
  if (first === undefined) return new Uint8Array()
  const joined = Buffer.concat(pieces.map(({ octets }) => octets))
  return new Uint8Array(joined.subarray(offset - first.start, offset - first.start + limit))
}

/** Forgets the stream of a request, if it has one. */
export function removeStream({ database, streaming }: Session, seq: number): void {
  if (!streaming.delete(seq)) return
  database.change('DELETE FROM pieces WHERE seq = ?', seq)
  database.change('DELETE FROM streams WHERE seq = ?', seq)
}
