import { expect } from 'vitest'
import type { Accepted } from '../../../src/ledger/acceptance.ts'
import type { Claim, Claimed } from '../../../src/ledger/work.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { Note } from '../../../src/ledger/record/note.ts'
import type { WaitingReason } from '../../../src/ledger/record/waiting.ts'
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
  /** The note of the run that told last, and the token of its claim. */
  note: (Note & { readonly token: number }) | undefined
}

/** A ledger says this of a request, as far as the model knows it. */
interface ToldRequest extends Pick<RequestRecord, 'status' | 'deliveries' | 'stream' | 'told'> {
  readonly versionFell: boolean
  readonly isOpen: boolean
  readonly marks: ReadonlyMap<string, string> | undefined
  readonly octets: string | undefined
  readonly letter: { readonly replayedAs: string | undefined; readonly closed: boolean } | undefined
  readonly waiting: WaitingReason | undefined
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
    const nothing = { marks: marksOf(request.marks), stream: undefined, note: undefined }
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

  /** The last run of a request may tell of it while it runs, and after it was cancelled. */
  mayTell({ id, token }: Claim): boolean {
    const entry = this.get(id)
    return entry.token === token && (entry.state === 'claimed' || entry.state === 'cancelled')
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
    if (state !== 'cancelled') entry.note = undefined
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

  /** Asks the ledger for all that it says of a request, in as few messages as can be. */
  async #told(ledger: Ledger, { request, state, stream, version }: ModelRequest) {
    const all = { run: undefined, offset: 0, limit: 1_000_000 }
    const [record, pieces, letter] = await Promise.all([
      readRecord(ledger, request),
      stream && ledger.readPieces(this.pipeline, request.id, all),
      state === 'failed' ? ledger.deadLetters.read(request.id) : undefined
    ])
    const { status, deliveries, marks, finishedAt, waiting, told } = record
    const said = {
      versionFell: record.version < version,
      status,
      deliveries,
      isOpen: finishedAt === undefined,
      marks: unsettled.has(state) ? marksOf(marks) : undefined,
      stream: record.stream,
      octets: pieces && Buffer.from(pieces.octets).toString(),
      letter: letter && { replayedAs: letter.replayedAs, closed: letter.closed },
      waiting: waiting?.reason,
      told
    }
    return { version: record.version, said }
  }

  #expected(entry: ModelRequest): ToldRequest {
    const { state, deliveries, marks, token, stream, replayedAs, closed, note } = entry
    const present = state === 'claimed' && stream?.token === token ? stream : undefined
    const isBlocked = state === 'ready' && this.blocked(entry)
    return {
      versionFell: false,
      status: statusOf(state),
      deliveries,
      isOpen: unsettled.has(state),
      marks: unsettled.has(state) ? marks : undefined,
      stream: present && { run: present.run, size: present.octets.length },
      octets: present?.octets,
      letter: state === 'failed' ? { replayedAs: replayedAs?.request.id, closed } : undefined,
      waiting: isBlocked ? 'order' : note?.waiting?.reason,
      told: isBlocked || !note?.steps.length ? undefined : { steps: note.steps, isFormer: note.token !== token }
    }
  }

  /** Everything that the ledger says of these requests is what the model says. */
  async check(ledger: Ledger): Promise<void> {
    const entries = [...this.requests.values()]
    const [told, { queued, claimed }, claimable] = await Promise.all([
      Promise.all(entries.map(entry => this.#told(ledger, entry))),
      ledger.pending(this.pipeline),
      ledger.claimable()
    ])
    expect(told.map(({ said }): ToldRequest => said)).toEqual(entries.map(entry => this.#expected(entry)))
    for (const [i, entry] of entries.entries()) entry.version = told[i]?.version ?? 0
    expect({ queued, claimed }).toEqual({ queued: this.queued(), claimed: this.in('claimed').length })
    expect(claimable.includes(this.pipeline)).toBe(this.claimable().length > 0)
  }
}

const statusOf = (state: ModelRequest['state']): RequestRecord['status'] =>
  state === 'claimed' ? 'running' : state === 'ready' || state === 'delayed' ? 'accepted' : state

const marksOf = (marks: ReadonlyMap<string, { readonly next: string | undefined }>): Map<string, string> =>
  new Map([...marks].map(([path, { next = '' }]) => [path, next]))
