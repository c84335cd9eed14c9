import { addAbortListener } from 'node:events'
import type { Accepted, Claim, Claimed, Durability, Lease, Ledger, NewRequest, Pending, Progress } from '../ledger.ts'
import type { DeadLetters, Documents, RequestFilter, Settlement } from '../ledger.ts'
import { queueFull } from '../queue-full.ts'
import { encodeProgress, encodeSettlement } from '../record-codec.ts'
import type { RequestRecord } from '../request-record.ts'
import { readStoredRecord } from '../stored-record.ts'
import { claimedRecord, toStoredRequest } from './encode-request.ts'
import type { Ending, StoredAcceptance } from './operations.ts'
import type { RequestWatchers } from './request-watchers.ts'
import { SqliteDeadLetters } from './sqlite-dead-letters.ts'
import { SqliteDocuments } from './sqlite-documents.ts'
import type { StoreThread } from './store-thread.ts'
import type { Sweeper } from './sweeper.ts'

interface Parts {
  readonly thread: StoreThread
  readonly watchers: RequestWatchers
  readonly sweeper: Sweeper
  readonly durability: Durability
}

/** The ledger in an SQLite database, which one gateway uses at a time. */
export class SqliteLedger implements Ledger {
  readonly durability: Durability
  readonly deadLetters: DeadLetters
  readonly documents: Documents
  readonly #thread: StoreThread
  readonly #watchers: RequestWatchers
  readonly #sweeper: Sweeper

  constructor({ thread, watchers, sweeper, durability }: Parts) {
    this.durability = durability
    this.deadLetters = new SqliteDeadLetters(thread, watchers)
    this.documents = new SqliteDocuments(thread)
    this.#thread = thread
    this.#watchers = watchers
    this.#sweeper = sweeper
  }

  async accept(requests: readonly NewRequest[], claim?: Lease): Promise<readonly Accepted[]> {
    const stored = requests.map(toStoredRequest)
    const answer = await this.#thread.run('accept', { requests: stored, leaseMs: claim?.leaseMs })
    if (answer.kind === 'full') throw queueFull(answer.pipeline, answer.queued)
    return requests.map((request, i) => this.#accepted(request, answer.requests[i]))
  }

  #accepted(request: NewRequest, answer: StoredAcceptance | undefined): Accepted {
    if (answer === undefined) throw new Error('the store answered fewer requests than it was given')
    if (answer.kind === 'known') return answer
    const { id, token, acceptedAt } = answer
    const { pipeline } = request
    if (token !== undefined) {
      const record = claimedRecord(request, acceptedAt)
      return { kind: 'accepted', id, claimed: { pipeline, id, token, takenOver: false, record } }
    }
    this.#watchers.work(pipeline)
    return { kind: 'accepted', id, claimed: undefined }
  }

  async claim(pipeline: string, limit: number, lease: Lease): Promise<readonly Claimed[]> {
    const claims = await this.#thread.run('claim', { pipeline, limit, leaseMs: lease.leaseMs })
    return claims.map(({ token, takenOver, record }) => {
      this.#watchers.changed(pipeline, record.id)
      return { pipeline, id: record.id, token, takenOver, record: readStoredRecord(record) }
    })
  }

  async renew(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]> {
    const renewed = await this.#thread.run('renew', { claims: claims.map(fence), leaseMs })
    return claims.filter((_, i) => renewed[i] !== true)
  }

  async checkpoint(claim: Claim, progress: Progress): Promise<boolean> {
    const bytes = encodeProgress(progress)
    const done = await this.#thread.run('checkpoint', { claim: fence(claim), bytes })
    if (done) this.#watchers.changed(claim.pipeline, claim.id)
    return done
  }

  async settle(claim: Claim, settlement: Settlement): Promise<boolean> {
    const { status } = settlement
    const failure = status === 'failed' ? settlement.failure : undefined
    const bytes = encodeSettlement(settlement)
    const stored = { claim: fence(claim), status, bytes, code: failure?.code, step: failure?.step }
    const ending = await this.#thread.run('settle', stored)
    // A claim is also lost when it was settled by a write that failed and is in the file all the same.
    this.#ended(claim.pipeline, claim.id, ending ?? { unblocked: false })
    return ending !== undefined
  }

  async release(claim: Claim, options: { readonly delayMs: number; readonly spent: boolean }): Promise<boolean> {
    const done = await this.#thread.run('release', { claim: fence(claim), ...options })
    if (done) {
      this.#watchers.changed(claim.pipeline, claim.id)
      this.#watchers.work(claim.pipeline)
    }
    return done
  }

  async cancel(pipeline: string, id: string): Promise<'cancelled' | 'settled' | 'unknown'> {
    const ending = await this.#thread.run('cancel', { pipeline, id })
    if (typeof ending === 'string') return ending
    this.#ended(pipeline, id, ending)
    return 'cancelled'
  }

  #ended(pipeline: string, id: string, { unblocked }: Ending): void {
    this.#watchers.changed(pipeline, id)
    if (unblocked) this.#watchers.work(pipeline)
  }

  async read(pipeline: string, id: string): Promise<RequestRecord | 'expired' | undefined> {
    const record = await this.#thread.run('read', { pipeline, id })
    return typeof record === 'object' ? readStoredRecord(record) : record
  }

  async wait(
    pipeline: string,
    id: string,
    version: number,
    signal: AbortSignal
  ): Promise<RequestRecord | 'expired' | undefined> {
    for (;;) {
      const { promise: woken, resolve: wake } = Promise.withResolvers<void>()
      using waking = new DisposableStack()
      // Before the record is read, so that no change can fall between.
      waking.use(this.#watchers.onChange(pipeline, id, wake))
      const record = await this.read(pipeline, id)
      if (record === undefined || record === 'expired' || record.version > version || signal.aborted) return record
      waking.use(addAbortListener(signal, () => wake()))
      await woken
    }
  }

  async list(filter: RequestFilter): Promise<readonly RequestRecord[]> {
    return (await this.#thread.run('list', filter)).map(readStoredRecord)
  }

  watch(onWork: (pipeline: string) => void): Disposable {
    return this.#watchers.watch(onWork)
  }

  claimable(): Promise<readonly string[]> {
    return this.#thread.run('claimable', undefined)
  }

  pipelines(): Promise<readonly string[]> {
    return this.#thread.run('pipelines', undefined)
  }

  elect(role: string, lease: Lease): Promise<boolean> {
    return this.#thread.run('elect', { role, lease })
  }

  pending(pipeline: string): Promise<Pending> {
    return this.#thread.run('pending', pipeline)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sweeper[Symbol.dispose]()
    await this.#thread[Symbol.asyncDispose]()
  }
}

/** What the thread needs of a claim, which callers hand in with the whole record. */
const fence = ({ pipeline, id, token }: Claim): Claim => ({ pipeline, id, token })
