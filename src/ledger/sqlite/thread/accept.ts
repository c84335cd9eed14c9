import type { AcceptAnswer, StoredAcceptance, StoredRequest } from '../operations.ts'
import { expire } from './expire.ts'
import { insertFrame } from './frames.ts'
import { writeMark } from './marks.ts'
import type { PipelineQueue, Session } from './session.ts'
import { state } from './request-state.ts'

type Known = Extract<StoredAcceptance, { kind: 'known' }>

interface AcceptInput {
  readonly requests: readonly StoredRequest[]
  readonly leaseMs: number | undefined
}

/** A level of priority is worth ten seconds of waiting. */
const msPerPriority = 10_000

/** Of a claim in the same write; nothing has claimed the request before. */
const firstToken = 1

/**
 * Accepts all of the requests or none: who is known, as what, and whether there is room is decided before the first is
 * written.
 */
export function accept(session: Session, { requests, leaseMs }: AcceptInput): AcceptAnswer {
  const known = findKnown(session, requests)
  const other = known.find(found => found?.sameFingerprint === false)
  if (other !== undefined) return { kind: 'accepted', requests: known.map(found => found ?? other) }
  const fresh = requests.filter((_, i) => known[i] === undefined)
  const full = findFull(session, fresh, leaseMs === undefined)
  if (full !== undefined) return { kind: 'full', pipeline: full.name, queued: full.queued }
  const accepted = requests.map((request, i) => known[i] ?? insert(session, request, leaseMs))
  return { kind: 'accepted', requests: accepted }
}

/** For each request the one that it is already, in the store or earlier in the same batch. */
function findKnown(session: Session, requests: readonly StoredRequest[]): readonly (Known | undefined)[] {
  const inBatch = new Map<string, StoredRequest>()
  return requests.map(request => {
    const stored = findStored(session, request)
    if (stored !== undefined || requests.length === 1) return stored
    const names = request.deduplicationKeys.map(key => `${key} ${request.pipeline}`)
    const earlier = names.map(name => inBatch.get(name)).find(found => found !== undefined)
    if (earlier === undefined) for (const name of names) inBatch.set(name, request)
    return earlier && asKnown(earlier, request)
  })
}

function findStored(session: Session, request: StoredRequest): Known | undefined {
  const queue = session.find(request.pipeline)
  if (queue === undefined) return undefined
  const same = session.database.row<{ id: string; fingerprint: string }>(
    'SELECT id, fingerprint FROM requests WHERE pipeline = ? AND id = ?',
    queue.no,
    request.id
  )
  if (same !== undefined) return asKnown(same, request)
  for (const key of request.deduplicationKeys) {
    const found = findByKey(session, queue, key)
    if (found !== undefined) return asKnown(found, request)
  }
  return undefined
}

const asKnown = (known: { readonly id: string; readonly fingerprint: string }, request: StoredRequest): Known => ({
  kind: 'known',
  id: known.id,
  sameFingerprint: known.fingerprint === request.fingerprint
})

/** A request whose time to live is over gives its keys free, also when the sweep has not come to it yet. */
function findByKey(
  session: Session,
  queue: PipelineQueue,
  key: string
): { id: string; fingerprint: string } | undefined {
  const found = session.database.row<{ seq: number; id: string; fingerprint: string; expires_at: number | null }>(
    `SELECT seq, id, fingerprint, expires_at FROM requests
     WHERE seq = (SELECT seq FROM deduplication WHERE pipeline = ? AND key = ?)`,
    queue.no,
    key
  )
  if (found === undefined || found.expires_at === null || found.expires_at > session.now()) return found
  expire(session, found.seq)
  return undefined
}

/** The pipeline that has as many waiting as may, or would with these. Those that are claimed at once do not wait. */
function findFull(session: Session, requests: readonly StoredRequest[], waits: boolean): PipelineQueue | undefined {
  const added = new Map<PipelineQueue, number>()
  return requests
    .map(request => {
      const queue = session.findOrAdd(request.pipeline)
      const count = waits ? (added.get(queue) ?? 0) + 1 : 1
      added.set(queue, count)
      return queue.queued + count > request.maxQueued ? queue : undefined
    })
    .find(queue => queue !== undefined)
}

function insert(session: Session, request: StoredRequest, leaseMs: number | undefined): StoredAcceptance {
  const { database } = session
  const queue = session.findOrAdd(request.pipeline)
  const acceptedAt = session.now()
  // On the even clock, or whoever comes after the clock was set back would be served first.
  const rank = session.elapsed() - request.priority * msPerPriority
  const held = isHeld(session, queue, request.orderKey)
  const claimed = leaseMs !== undefined && !held
  const seq = database.insert(
    `INSERT INTO requests (pipeline, id, state, position, rank, token, version, deliveries, accepted_at, event_time,
       order_key, ttl, fingerprint, replay_of) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)`,
    queue.no,
    request.id,
    claimed ? state.claimed : held ? state.blocked : state.ready,
    claimed ? session.elapsed() + leaseMs : rank,
    rank,
    claimed ? firstToken : 0,
    Number(claimed),
    acceptedAt,
    request.eventTime ?? acceptedAt,
    request.orderKey,
    request.ttlMs,
    request.fingerprint,
    request.replayOf
  )
  insertFrame(database, 'contents', seq, request.content)
  for (const [path, bytes] of request.marks) writeMark(database, seq, path, bytes)
  for (const key of request.deduplicationKeys) {
    database.change('INSERT OR IGNORE INTO deduplication (pipeline, key, seq) VALUES (?, ?, ?)', queue.no, key, seq)
  }
  queue[claimed ? 'claimed' : 'queued'] += 1
  if (claimed) session.claims.push({ pipeline: request.pipeline, id: request.id, token: firstToken })
  return { kind: 'accepted', id: request.id, acceptedAt, token: claimed ? firstToken : undefined }
}

/** Whether an earlier request of the same order key is not settled. */
const isHeld = (session: Session, queue: PipelineQueue, orderKey: string | undefined): boolean =>
  orderKey !== undefined &&
  session.database.row('SELECT 1 FROM requests WHERE pipeline = ? AND order_key = ? LIMIT 1', queue.no, orderKey) !==
    undefined
