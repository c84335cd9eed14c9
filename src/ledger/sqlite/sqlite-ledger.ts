import type { EndSignal } from '../../event/end-signal.ts'
import { type Accepted, queueFull } from '../acceptance.ts'
import type { Checkpoint, Claim, Claimed, Lease, Release } from '../work.ts'
import type { Durability } from '../durability.ts'
import type { Ledger } from '../ledger.ts'
import type { NewRequest } from '../record/new-request.ts'
import type { Pending } from '../gauges.ts'
import type { DeadLetters } from '../dead-letters.ts'
import type { Documents } from '../documents.ts'
import type { RequestFilter } from '../records.ts'
import type { Settlement } from '../record/settlement.ts'
import { noMarks } from '../../pipeline/paths.ts'
import type { Outage } from '../outage.ts'
import { encodeNote, type Note } from '../record/note.ts'
import { decodeHead, encodeHead } from '../record/packed-head.ts'
import { encodeMark, encodeSettlement } from '../record/record-codec.ts'
import type { RequestRecord, RequestSummary } from '../record/request-record.ts'
import { createRecord, readStoredRecord, readStoredSummary } from '../record/stored-record.ts'
import { claimedRecord, firstVersion, toStoredRequest, unpooled } from './encode-request.ts'
import type { Piece, Pieces, PiecesFrom } from '../streams.ts'
import type { StoreCalls } from './operation-queue.ts'
import type { StoredAcceptance, StoredClaim, StoredSettlement } from './operations.ts'
import type { Ended, Watching } from './request-watchers.ts'
import { SqliteDeadLetters } from './sqlite-dead-letters.ts'
import { SqliteDocuments } from './sqlite-documents.ts'

interface Parts {
  readonly calls: StoreCalls
  readonly watching: Watching
  readonly durability: Durability
  readonly outage: Pick<Outage, 'reason'>
  /** The parts that are closed with the ledger. */
  readonly owned: AsyncDisposable
}

/**
 * The ledger in an SQLite database, which one gateway uses at a time: by a thread of this process or of another one.
 */
export class SqliteLedger implements Ledger {
  readonly durability: Durability
  readonly deadLetters: DeadLetters
  readonly documents: Documents
  readonly #calls: StoreCalls
  readonly #watching: Watching
  readonly #outage: Pick<Outage, 'reason'>
  readonly #owned: AsyncDisposable
  /** Accepted and claimed in this turn of the event loop: nobody but who has them knows of them. */
  readonly #new = new Set<string>()
  /** The settlements that are under way, and waited for in this process. */
  readonly #settling = new WeakMap<
    StoredSettlement,
    { readonly record: RequestRecord; readonly settlement: Settlement }
  >()

  constructor({ calls, watching, durability, outage, owned }: Parts) {
    this.durability = durability
    this.deadLetters = new SqliteDeadLetters(calls)
    this.documents = new SqliteDocuments(calls)
    this.#calls = calls
    this.#watching = watching
    this.#outage = outage
    this.#owned = owned
  }

  get outage(): string | undefined {
    return this.#outage.reason
  }

  async accept(requests: readonly NewRequest[], claim?: Lease): Promise<readonly Accepted[]> {
    const stored = requests.map(toStoredRequest)
    const answer = await this.#calls.run('accept', { requests: stored, leaseMs: claim?.leaseMs })
    if (answer.kind === 'full') throw queueFull(answer.pipeline, answer.queued)
    const all = requests.map((request, i) => accepted(request, answer.requests[i]))
    for (const each of all) if (each.kind === 'accepted' && each.claimed !== undefined) this.#remember(each.id)
    return all
  }

  async claim(pipeline: string, limit: number, lease: Lease): Promise<readonly Claimed[]> {
    return readClaims(pipeline, await this.#calls.run('claim', { pipeline, limit, leaseMs: lease.leaseMs }))
  }

  async claimThese(pipeline: string, ids: readonly string[], { leaseMs }: Lease): Promise<readonly Claimed[]> {
    return readClaims(pipeline, await this.#calls.run('claimThese', { pipeline, ids, leaseMs }))
  }

  async renew(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]> {
    const renewed = await this.#calls.run('renew', { claims: claims.map(fence), leaseMs })
    return claims.filter((_, i) => renewed[i] !== true)
  }

  checkpoint(claim: Claim, { path, mark, clears }: Checkpoint): Promise<boolean> {
    return this.#calls.run('checkpoint', { claim: fence(claim), path, bytes: unpooled(encodeMark(mark)), clears })
  }

  appendPiece(claim: Claim, { offset, octets, head }: Piece): Promise<number | undefined> {
    const stored = { claim: fence(claim), offset, octets: unpooled(octets), head: unpooled(encodeHead(head)) }
    return this.#calls.run('appendPiece', stored)
  }

  async readPieces(pipeline: string, id: string, from: PiecesFrom): Promise<Pieces | undefined> {
    const pieces = await this.#calls.run('readPieces', { pipeline, id, ...from })
    return pieces && { ...pieces, head: decodeHead(pieces.head) }
  }

  async settle(claim: Claim | Claimed, settlement: Settlement): Promise<boolean> {
    const { status } = settlement
    const failure = status === 'failed' ? settlement.failure : undefined
    const bytes = unpooled(encodeSettlement(settlement, claim.id))
    const stored = { claim: fence(claim), status, bytes, code: failure?.code, step: failure?.step }
    if ('record' in claim && this.#watching.isAwaited(claim.pipeline, claim.id)) {
      this.#settling.set(stored, { record: claim.record, settlement })
    }
    return (await this.#calls.run('settle', stored)) !== undefined
  }

  tell(claim: Claim, note: Note): Promise<boolean> {
    return this.#calls.run('tell', { claim: fence(claim), note: encodeNote(note, claim.token) })
  }

  release(claim: Claim, { delayMs, spent, note }: Release): Promise<boolean> {
    const stored = note && encodeNote(note, claim.token)
    return this.#calls.run('release', { claim: fence(claim), delayMs, spent, note: stored })
  }

  async cancel(pipeline: string, id: string): Promise<'cancelled' | 'settled' | 'unknown'> {
    const ending = await this.#calls.run('cancel', { pipeline, id })
    return typeof ending === 'string' ? ending : 'cancelled'
  }

  async read(pipeline: string, id: string): Promise<RequestRecord | 'expired' | undefined> {
    const record = await this.#calls.run('read', { pipeline, id })
    return typeof record === 'object' ? readStoredRecord(record) : record
  }

  async wait(
    pipeline: string,
    id: string,
    version: number,
    signal: EndSignal
  ): Promise<RequestRecord | 'expired' | undefined> {
    for (let isNew = this.#isNew(id, version); ; isNew = false) {
      const { promise: woken, resolve } = Promise.withResolvers<RequestRecord | undefined>()
      const wake = (ended?: Ended): void => resolve(ended && this.#recordOf(ended))
      // Before the record is read, so that no change can fall between.
      using _ = this.#watching.onChange(pipeline, id, wake)
      if (!isNew || signal.aborted) {
        const record = await this.read(pipeline, id)
        if (record === undefined || record === 'expired' || record.version > version || signal.aborted) return record
      }
      const stop = (): void => wake()
      signal.addEventListener('abort', stop)
      const changed = await woken
      signal.removeEventListener('abort', stop)
      if (changed !== undefined) return changed
    }
  }

  async list(filter: RequestFilter): Promise<readonly RequestSummary[]> {
    return (await this.#calls.run('list', filter)).map(readStoredSummary)
  }

  watch(onWork: (pipeline: string) => void): Disposable {
    return this.#watching.watch(onWork)
  }

  claimable(): Promise<readonly string[]> {
    return this.#calls.run('claimable', undefined)
  }

  pipelines(): Promise<readonly string[]> {
    return this.#calls.run('pipelines', undefined)
  }

  elect(role: string, lease: Lease): Promise<boolean> {
    return this.#calls.run('elect', { role, lease })
  }

  pending(pipeline: string): Promise<Pending> {
    return this.#calls.run('pending', pipeline)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }

  /** As `read` would give it. */
  #recordOf({ settlement: stored, ending: { version, finishedAt } }: Ended): RequestRecord | undefined {
    const settling = this.#settling.get(stored)
    if (settling === undefined) return undefined
    const { record, settlement } = settling
    const state = { ...record, status: settlement.status, version, finishedAt, stream: undefined }
    return createRecord(record, state, noMarks, settlement)
  }

  #remember(id: string): void {
    this.#new.add(id)
    if (this.#new.size === 1) setImmediate(() => this.#new.clear())
  }

  /** Whether what was just accepted is as it was: what changes it is told to whoever watches by then. */
  #isNew(id: string, version: number): boolean {
    return this.#watching.isImmediate && version === firstVersion && this.#new.has(id)
  }
}

function accepted(request: NewRequest, answer: StoredAcceptance | undefined): Accepted {
  if (answer === undefined) throw new Error('the store answered fewer requests than it was given')
  if (answer.kind === 'known') return answer
  const { id, token, acceptedAt } = answer
  const { pipeline } = request
  if (token === undefined) return { kind: 'accepted', id, claimed: undefined }
  const record = claimedRecord(request, acceptedAt)
  return { kind: 'accepted', id, claimed: { pipeline, id, token, takenOver: false, record } }
}

const readClaims = (pipeline: string, claims: readonly StoredClaim[]): readonly Claimed[] =>
  claims.map(({ record, ...claimed }) => ({ ...claimed, pipeline, id: record.id, record: readStoredRecord(record) }))

/** The part of a claim that the thread needs; callers hand in the whole record. */
const fence = ({ pipeline, id, token }: Claim): Claim => ({ pipeline, id, token })
