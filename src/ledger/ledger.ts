import type { BranchFailure, UpstreamBody } from '../errors.ts'
import type { EndSignal } from '../event/end-signal.ts'
import type { CloudEvent } from '../event/event.ts'
import type { RequestRecord, StepRecord } from './record/request-record.ts'
import type { DeadLetter, DeadLetterFilter, DeadLetterSummary } from './dead-letter.ts'
import type { RequestSummary } from './record/request-summary.ts'
import type { Waiting } from './record/waiting.ts'

/**
 * The durable record of accepted requests: queue, reply store and dead letters in one transactional place.
 *
 * A request is one record. Its life:
 *
 * - `ready`:    accepted, or given back, and waiting to be claimed; the lowest rank first
 * - `delayed`:  given back until a time; then ready again
 * - `blocked`:  waiting for the request before it with the same order key
 * - `claimed`:  leased by an owner under a token; a lease that ran out may be claimed by anyone
 * - `settled`:  replied, filtered, failed or cancelled; kept for its time to live
 *
 * What every adapter keeps, shown by the conformance suite:
 *
 * - A promise that resolved survives what `durability` says. One that rejected (STORE_UNAVAILABLE) may or may not have
 *   been carried out, and repeating it does no harm.
 * - A write under a token that is not the current one changes nothing and answers `false`: there is one outcome.
 * - Timestamps are milliseconds since the epoch on the store's clock. Strings from outside are never part of a key
 *   unencoded.
 */
export interface Ledger extends AsyncDisposable {
  readonly durability: Durability

  /** Why the store is away, for as long as it is; `undefined`: it answers, as far as is known. */
  readonly outage: string | undefined

  /**
   * Accepts all of the requests or none. A request with a known deduplication key is not accepted again: the answer
   * names the known one. When that has another fingerprint, none is accepted, and it is the answer to each that is not
   * known itself. With `claim` the accepted ones are claimed in the same write, but those that must wait for
   * their order key. Throws QUEUE_FULL when the pipeline has `maxQueued` requests waiting, STORE_UNAVAILABLE.
   */
  accept(requests: readonly NewRequest[], claim?: Lease): Promise<readonly Accepted[]>

  /**
   * Claims up to `limit` requests of the pipeline that are ready, due, or whose lease ran out; in order of rank.
   * Every claim counts as a delivery, also one that ends in a crash; but see `Failure`.
   */
  claim(pipeline: string, limit: number, lease: Lease): Promise<readonly Claimed[]>

  /** Claims those of the requests that nobody runs, whatever they wait for. */
  claimThese(pipeline: string, ids: readonly string[], lease: Lease): Promise<readonly Claimed[]>

  /** Extends the leases; answers the claims that are lost: taken over, cancelled or settled. */
  renew(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]>

  /**
   * Records where one sequence of the request stands: it resumes there. The marks of other sequences stay, but `clears`
   * takes away those below it, which have ended. False: the claim is lost.
   */
  checkpoint(claim: Claim, checkpoint: Checkpoint): Promise<boolean>

  /**
   * Ends the request, once. False: the claim is lost. A replay that ends well closes the dead letter that it replays, and
   * those that led to it; one that is cancelled leaves the dead letter as if it had not been replayed.
   */
  settle(claim: Claim | Claimed, settlement: Settlement): Promise<boolean>

  /** Gives the request back. */
  release(claim: Claim, options: Release): Promise<boolean>

  /** Ends a request that is not settled; whoever runs it loses the claim. */
  cancel(pipeline: string, id: string): Promise<'cancelled' | 'settled' | 'unknown'>

  /** The record; `expired`: its time to live is over; `undefined`: never known under this pipeline. */
  read(pipeline: string, id: string): Promise<RequestRecord | 'expired' | undefined>

  /** Resolves with the record once its version is above `version`, or with what `read` says when the signal aborts. */
  wait(pipeline: string, id: string, version: number, signal: EndSignal): Promise<RequestRecord | 'expired' | undefined>

  /** Newest first. `after` is the id of the last one seen. Data of events is not read, so that a list of large ones is cheap. */
  list(filter: RequestFilter): Promise<readonly RequestSummary[]>

  /** Calls back with a pipeline that may have something to claim; at once for accepts and releases of this process. */
  watch(onWork: (pipeline: string) => void): Disposable

  /** Pipelines that have something to claim now; for a sweep beside `watch`. */
  claimable(): Promise<readonly string[]>

  /** Every pipeline that ever had a request accepted here. */
  pipelines(): Promise<readonly string[]>

  /** How much is waiting, for metrics and the watermark. */
  pending(pipeline: string): Promise<Pending>

  /**
   * Gives the role to the owner of the lease for as long as it says, or longer to the one that has it; a lease of 0 gives
   * it up. False: another one has it.
   */
  elect(role: string, lease: Lease): Promise<boolean>

  readonly deadLetters: DeadLetters
  readonly documents: Documents
}

/** Failed requests that are kept, with what is needed to replay them. */
export interface DeadLetters {
  /** Oldest first, so that a bulk replay can go on after the last id that it did. Data of events is not read. */
  list(filter: DeadLetterFilter): Promise<readonly DeadLetterSummary[]>
  read(id: string): Promise<DeadLetter | undefined>
  count(pipeline: string | undefined): Promise<number>
  /** Removes it; false: there was none. What it had replayed can be replayed again. */
  remove(id: string): Promise<boolean>
  /**
   * Accepts the replay and marks the dead letter with it, in one write. A dead letter with a replay that runs or ended
   * well, be it the replay of a replay that failed, answers that one. `undefined`: no such dead letter.
   */
  replay(id: string, request: NewRequest): Promise<{ readonly id: string; readonly repeated: boolean } | undefined>
}

/** Small documents by kind and name: definitions, jobs, the last known good set. */
export interface Documents {
  put(kind: string, name: string, text: string): Promise<void>
  /** Keeps the text under the name, unless there is one; answers the text that is there then. */
  add(kind: string, name: string, text: string): Promise<string>
  get(kind: string, name: string): Promise<string | undefined>
  list(kind: string): Promise<readonly { readonly name: string; readonly text: string }[]>
  remove(kind: string, name: string): Promise<boolean>
}

/** What a 202 means on this store, as the banner, `/readyz?verbose` and `sluice doctor` say it. */
export interface Durability {
  /** 0: survives nothing; 1: what the server's settings give; 2: a killed process; 3: power loss too. */
  readonly level: 0 | 1 | 2 | 3
  /** One line: `sqlite file /x/sluice.db: survives kill -9 and power loss (WAL, synchronous=FULL)`. */
  readonly summary: string
  /** What keeps it from promise 1, each with what to change; empty: nothing. */
  readonly warnings: readonly string[]
}

export interface NewRequest {
  /** UUIDv7, the request id. */
  readonly id: string
  /** `namespace/name`. */
  readonly pipeline: string
  readonly generation: number
  readonly event: CloudEvent
  /** Flat list of headers that go with each step call, trace context included. */
  readonly headers: readonly string[]
  /** 0 to 9, 9 first. A level is worth ten seconds of waiting, so a low one is never starved. */
  readonly priority: number
  /** Requests of a pipeline with the same order key run one after the other. */
  readonly orderKey: string | undefined
  /** Event time in milliseconds, for the watermark; `undefined`: its acceptance. */
  readonly eventTime: number | undefined
  /** Any of them known for the pipeline: the request is the known one. */
  readonly deduplicationKeys: readonly string[]
  /** Hash of what must be equal when a key is used again; empty without keys. */
  readonly fingerprint: string
  readonly ttlMs: number
  readonly maxQueued: number
  /** Where it starts when not at the first step: a replay from the failed step. */
  readonly marks: Marks
  readonly replayOf: string | undefined
  readonly traceId: string | undefined
  /** When it has to have come to its end, in milliseconds since the epoch; for who does not know its pipeline. */
  readonly deadline: number | undefined
}

export type Accepted =
  | { readonly kind: 'accepted'; readonly id: string; readonly claimed: Claimed | undefined }
  | { readonly kind: 'known'; readonly id: string; readonly sameFingerprint: boolean }

export interface Lease {
  /** The replica; unique for each start of a process. */
  readonly owner: string
  readonly leaseMs: number
}

export interface Release {
  /** After so long it may be claimed again. */
  readonly delayMs: number
  /** False takes back the delivery that the claim counted. */
  readonly spent: boolean
  /** Why it was held, for the record. */
  readonly waiting?: Waiting | undefined
}

/** A lease on a request. The token grows with each claim of it: the fence. */
export interface Claim {
  readonly pipeline: string
  readonly id: string
  readonly token: number
}

export interface Claimed extends Claim {
  readonly record: RequestRecord
  /** Its last owner neither settled it nor gave it back: that lease ran out. */
  readonly takenOver: boolean
}

/** Where one sequence of a request goes on. */
export interface Place {
  /** The name of the node that is next; `undefined`: the record is of a version that knew no names. */
  readonly next: string | undefined
  /** Its place in the sequence, which that version goes by, and nothing else. */
  readonly index: number
  /** The event that it gets. */
  readonly event: CloudEvent
  /** Replies that later expressions may name, by step; empty when the plan has no such expression. */
  readonly replies: ReadonlyMap<string, CloudEvent>
  /** Of a branch that has ended while others run; `undefined`: the sequence goes on. */
  readonly ended: PlaceEnd | undefined
}

/** How a branch ended. `at` is in milliseconds since the epoch. */
export type PlaceEnd = { readonly at: number } & (
  | { /** The event of the place is what it gave. */ readonly kind: 'replied' }
  | { /** The name of the step that filtered it. */ readonly kind: 'filtered'; readonly step: string }
  | { readonly kind: 'failed'; readonly cause: Cause }
)

/** Where one sequence of a request stands. */
export interface Mark extends Place {
  /** Visits so far of what is in the sequence, those of earlier deliveries included. */
  readonly steps: readonly StepRecord[]
  /** The delivery that came so far, from 1. Those after it begin here. */
  readonly delivery: number
}

/** Marks by the paths of their sequences: one for each that has begun and not ended. The root has the empty path. */
export type Marks = ReadonlyMap<string, Mark>

/** The path of the sequence that is the whole plan. */
export const rootPath = ''

/** No sequence has begun. */
export const noMarks: Marks = new Map()

/** The mark of one sequence. */
export interface Checkpoint {
  readonly path: string
  readonly mark: Mark
  /** A structured step of the sequence has ended: the marks below the path go. */
  readonly clears: boolean
}

export type Settlement =
  | { readonly status: 'replied'; readonly reply: CloudEvent; readonly steps: readonly StepRecord[] }
  | { readonly status: 'filtered'; readonly step: string; readonly steps: readonly StepRecord[] }
  | { readonly status: 'cancelled'; readonly steps: readonly StepRecord[] }
  | { readonly status: 'failed'; readonly failure: Failure; readonly steps: readonly StepRecord[] }

/** Why a request failed for good, and what its failing step got. */
export interface Failure extends Cause {
  /** Where each sequence stood, by its path: a replay goes on there. */
  readonly places: ReadonlyMap<string, Place>
}

/** Why a step failed. */
export interface Cause {
  readonly code: string
  readonly message: string
  /** The name of the failing step; `undefined`: the delivery of the reply failed. */
  readonly step: string | undefined
  /** Where the failing step stands. */
  readonly path: string | undefined
  readonly attempts: number
  readonly upstreamStatus: number | undefined
  /** What the failing step answered. */
  readonly upstreamBody: UpstreamBody | undefined
  /** How often the request was delivered, when the claim that settled it was no delivery; `undefined`: it was one. */
  readonly deliveries: number | undefined
  /** Of a step with branches: each failure in it, in the order of time. */
  readonly failures?: readonly BranchFailure[]
}

export interface RequestFilter {
  readonly pipeline: string | undefined
  readonly status: RequestRecord['status'] | undefined
  readonly after: string | undefined
  readonly limit: number
}

export interface Pending {
  /** Ready, delayed or blocked. */
  readonly queued: number
  readonly claimed: number
  /** Acceptance of the oldest unsettled one. */
  readonly oldestAcceptedAt: number | undefined
  /** The least event time of those that are not settled. */
  readonly leastEventTime: number | undefined
}
