import { expect } from 'vitest'
import type { Accepted } from '../../../src/ledger/acceptance.ts'
import type { Claim, Claimed } from '../../../src/ledger/work.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { NewRequest } from '../../../src/ledger/record/new-request.ts'
import type { Settlement } from '../../../src/ledger/record/settlement.ts'
import type { RequestRecord } from '../../../src/ledger/record/request-record.ts'
import { readRecord } from '../../helpers/ledger-requests.ts'

/** A request as the model knows it. `position` is its place in the order of acceptance. */
export interface ModelRequest {
  readonly request: NewRequest
  readonly position: number
  readonly rank: number
  state: 'ready' | 'delayed' | 'claimed' | Exclude<RequestRecord['status'], 'accepted' | 'running'>
  deliveries: number
  token: number
  version: number
  replayedAs: ModelRequest | undefined
  closed: boolean
  /** Where its sequences stand, by their paths: the steps that come next. */
  marks: Map<string, string>
  /** The octets of the run that streams, and how many did; the token is that of its claim. */
  stream: { readonly run: number; readonly token: number; octets: string } | undefined
}

const unsettled: ReadonlySet<string> = new Set(['ready', 'delayed', 'claimed'])

/** The ledger as a person would explain it: a list of requests. */
export class LedgerModel {
  readonly pipeline: string
  readonly requests = new Map<string, ModelRequest>()
  /** Claims that were lost, to try writes with. */
  readonly staleClaims: Claim[] = []

  constructor(pipeline: string) {
    this.pipeline = pipeline
  }

  known(keys: readonly string[]): ModelRequest | undefined {
    return [...this.requests.values()].find(({ request }) => request.deduplicationKeys.some(key => keys.includes(key)))
  }

  in(...states: ModelRequest['state'][]): ModelRequest[] {
    return [...this.requests.values()].filter(({ state }) => states.includes(state))
  }

  blocked(one: ModelRequest): boolean {
    const { orderKey } = one.request
    const holds = (other: ModelRequest): boolean =>
      other.request.orderKey === orderKey && other.position < one.position && unsettled.has(other.state)
    return orderKey !== undefined && [...this.requests.values()].some(holds)
  }

  claimable(): ModelRequest[] {
    return this.in('ready').filter(request => !this.blocked(request))
  }

  held(): Claim[] {
    return this.in('claimed').map(({ request, token }) => ({ pipeline: this.pipeline, id: request.id, token }))
  }

  queued(): number {
    return this.in('ready', 'delayed').length
  }

  get(id: string): ModelRequest {
    const found = this.requests.get(id)
    if (found === undefined) throw new Error(`the ledger named ${id}, which was never accepted`)
    return found
  }

  /** Takes over what accept answered for a request that is new. */
  async add(
    ledger: Ledger,
    request: NewRequest,
    accepted: Accepted | undefined,
    claiming: boolean
  ): Promise<ModelRequest> {
    const { acceptedAt, version } = await readRecord(ledger, request)
    const rank = acceptedAt - request.priority * 10_000
    const position = this.requests.size
    const added = { request, position, rank, version, deliveries: 0, token: 0, replayedAs: undefined, closed: false }
    const nothing = { marks: marksOf(request.marks), stream: undefined }
    const entry: ModelRequest = { ...added, ...nothing, state: 'ready' }
    this.requests.set(request.id, entry)
    const claimed = accepted?.kind === 'accepted' ? accepted.claimed : undefined
    expect(claimed !== undefined, 'claims what need not wait').toBe(claiming && !this.blocked(entry))
    if (claimed !== undefined) this.take(claimed)
    return entry
  }

  /** A claim that the ledger gave. */
  take(claimed: Claimed): void {
    const entry = this.get(claimed.id)
    expect(this.blocked(entry), 'a held request is not claimed').toBe(false)
    expect(claimed.token, 'the token grows').toBeGreaterThan(entry.token)
    if (entry.state === 'claimed') this.lose(entry)
    entry.state = 'claimed'
    entry.token = claimed.token
    entry.deliveries += 1
    expect(claimed.record.deliveries, 'deliveries').toBe(entry.deliveries)
    expect(marksOf(claimed.record.marks), 'whoever claims it goes on at its marks').toEqual(entry.marks)
  }

  /** The current claim becomes a stale one. */
  lose({ request, token }: ModelRequest): void {
    this.staleClaims.push({ pipeline: this.pipeline, id: request.id, token })
  }

  /** The request ends. A replay that ends well closes what led to it, one that is cancelled was none. */
  end(entry: ModelRequest, state: Settlement['status']): void {
    if (entry.state === 'claimed') this.lose(entry)
    entry.state = state
    entry.stream = undefined
    let origin = this.#originOf(entry)
    if (state === 'cancelled' && origin?.replayedAs === entry) origin.replayedAs = undefined
    if (state === 'cancelled' || state === 'failed') return
    for (; origin?.closed === false; origin = this.#originOf(origin)) {
      origin.closed = true
      origin.replayedAs = entry
    }
  }

  #originOf({ request: { replayOf } }: ModelRequest): ModelRequest | undefined {
    return replayOf === undefined ? undefined : this.get(replayOf)
  }

  async #checkStream(
    ledger: Ledger,
    { request, state, token, stream }: ModelRequest,
    record: RequestRecord
  ): Promise<void> {
    const present = state === 'claimed' && stream?.token === token ? stream : undefined
    expect(record.stream).toEqual(present && { run: present.run, size: present.octets.length })
    if (stream === undefined) return
    const pieces = await ledger.readPieces(this.pipeline, request.id, { run: undefined, offset: 0, limit: 1_000_000 })
    expect(pieces && Buffer.from(pieces.octets).toString()).toBe(present?.octets)
  }

  async #checkDeadLetter(ledger: Ledger, { request, replayedAs, closed }: ModelRequest): Promise<void> {
    const letter = await ledger.deadLetters.read(request.id)
    expect(letter).toMatchObject({ replayedAs: replayedAs?.request.id, closed })
  }

  /** Everything that the ledger says of these requests is what the model says. */
  async check(ledger: Ledger): Promise<void> {
    for (const entry of this.requests.values()) {
      const record = await readRecord(ledger, entry.request)
      const status =
        { ready: 'accepted', delayed: 'accepted', claimed: 'running' }[entry.state as string] ?? entry.state
      expect({ status: record.status, deliveries: record.deliveries }).toEqual({ status, deliveries: entry.deliveries })
      expect(record.version, 'the version never falls').toBeGreaterThanOrEqual(entry.version)
      expect(record.finishedAt === undefined).toBe(unsettled.has(entry.state))
      if (unsettled.has(entry.state)) expect(marksOf(record.marks), 'its marks').toEqual(entry.marks)
      await this.#checkStream(ledger, entry, record)
      entry.version = record.version
      if (entry.state === 'failed') await this.#checkDeadLetter(ledger, entry)
    }
    const { queued, claimed } = await ledger.pending(this.pipeline)
    expect({ queued, claimed }).toEqual({ queued: this.queued(), claimed: this.in('claimed').length })
    expect((await ledger.claimable()).includes(this.pipeline)).toBe(this.claimable().length > 0)
  }
}

const marksOf = (marks: ReadonlyMap<string, { readonly next: string | undefined }>): Map<string, string> =>
  new Map([...marks].map(([path, { next = '' }]) => [path, next]))
