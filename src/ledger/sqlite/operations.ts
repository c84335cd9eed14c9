import type { DeadLetterFilter } from '../dead-letters.ts'
import type { Claim, Lease } from '../work.ts'
import type { Pending } from '../gauges.ts'
import type { RequestFilter } from '../records.ts'
import type { NewRequest } from '../record/new-request.ts'
import type { Settlement } from '../record/settlement.ts'
import type { Pieces, PiecesFrom } from '../streams.ts'
import type { StoredRecord } from '../record/stored-record.ts'

/**
 * A request to accept, in the form in which it goes to the store's thread. Its order key and its keys for deduplication
 * are hashed: short, however long the texts are.
 */
export interface StoredRequest extends Pick<
  NewRequest,
  | 'id'
  | 'pipeline'
  | 'priority'
  | 'orderKey'
  | 'eventTime'
  | 'deduplicationKeys'
  | 'fingerprint'
  | 'ttlMs'
  | 'maxQueued'
  | 'replayOf'
> {
  readonly content: Uint8Array
  /** By the paths of their sequences. */
  readonly marks: readonly (readonly [string, Uint8Array])[]
}

/** `token`: it was claimed in the same write. */
export type StoredAcceptance =
  | { readonly kind: 'accepted'; readonly id: string; readonly acceptedAt: number; readonly token: number | undefined }
  | { readonly kind: 'known'; readonly id: string; readonly sameFingerprint: boolean }

export type AcceptAnswer =
  | { readonly kind: 'accepted'; readonly requests: readonly StoredAcceptance[] }
  | { readonly kind: 'full'; readonly pipeline: string; readonly queued: number }

export interface StoredClaim {
  readonly token: number
  readonly takenOver: boolean
  readonly record: StoredRecord
}

export interface StoredRelease {
  readonly claim: Claim
  readonly delayMs: number
  readonly spent: boolean
  /** JSON. */
  readonly note: string | undefined
}

export interface StoredNote {
  readonly claim: Claim
  /** JSON. */
  readonly note: string | undefined
}

export interface StoredCheckpoint {
  readonly claim: Claim
  readonly path: string
  readonly bytes: Uint8Array
  readonly clears: boolean
}

export interface StoredPiece {
  readonly claim: Claim
  readonly offset: number
  readonly octets: Uint8Array
  readonly head: Uint8Array
}

export interface StoredPiecesFrom extends PiecesFrom {
  readonly pipeline: string
  readonly id: string
}

export interface StoredPieces extends Omit<Pieces, 'head'> {
  readonly head: Uint8Array
}

export interface StoredSettlement {
  readonly claim: Claim
  readonly status: Settlement['status']
  readonly bytes: Uint8Array
  /** Of a failure, for the list of dead letters. */
  readonly code: string | undefined
  readonly step: string | undefined
}

/** The facts that settling a request reveals: whether another one was unblocked, its final version, and its time. */
export interface SettledAnswer {
  /** The next request of its order key is ready. */
  readonly unblocked: boolean
  readonly version: number
  readonly finishedAt: number
}

export type ReplayAnswer =
  | { readonly kind: 'replayed' }
  | { readonly kind: 'repeated'; readonly id: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'full'; readonly pipeline: string; readonly queued: number }

export interface StoredDeadLetter {
  readonly record: StoredRecord
  readonly replayedAs: string | undefined
  readonly closed: boolean
}

export interface Document {
  readonly name: string
  readonly text: string
}

interface Name {
  readonly kind: string
  readonly name: string
}

interface RequestName {
  readonly pipeline: string
  readonly id: string
}

/** The operations of the store's thread: for each name its input and its result. */
export interface Operations {
  accept: [{ readonly requests: readonly StoredRequest[]; readonly leaseMs: number | undefined }, AcceptAnswer]
  claim: [{ readonly pipeline: string; readonly limit: number; readonly leaseMs: number }, readonly StoredClaim[]]
  claimThese: [
    { readonly pipeline: string; readonly ids: readonly string[]; readonly leaseMs: number },
    readonly StoredClaim[]
  ]
  renew: [{ readonly claims: readonly Claim[]; readonly leaseMs: number }, readonly boolean[]]
  checkpoint: [StoredCheckpoint, boolean]
  appendPiece: [StoredPiece, number | undefined]
  readPieces: [StoredPiecesFrom, StoredPieces | undefined]
  settle: [StoredSettlement, SettledAnswer | undefined]
  tell: [StoredNote, boolean]
  release: [StoredRelease, boolean]
  cancel: [RequestName, SettledAnswer | 'settled' | 'unknown']
  sweep: [{ readonly limit: number }, number]
  shrink: [{ readonly pages: number; readonly begun: boolean }, number]
  trim: [undefined, void]
  replay: [{ readonly id: string; readonly request: StoredRequest }, ReplayAnswer]
  removeDeadLetter: [string, boolean]
  putDocument: [Name & Document, void]
  addDocument: [Name & Document, string]
  removeDocument: [Name, boolean]
  read: [RequestName, StoredRecord | 'expired' | undefined]
  list: [RequestFilter, readonly StoredRecord[]]
  claimable: [undefined, readonly string[]]
  pipelines: [undefined, readonly string[]]
  pending: [string, Pending]
  elect: [{ readonly role: string; readonly lease: Lease }, boolean]
  listDeadLetters: [DeadLetterFilter, readonly StoredDeadLetter[]]
  readDeadLetter: [string, StoredDeadLetter | undefined]
  countDeadLetters: [string | undefined, number]
  getDocument: [Name, string | undefined]
  listDocuments: [string, readonly Document[]]
}

export type OperationName = keyof Operations

/** One call, as it is sent to the thread. */
export interface Operation {
  readonly name: OperationName
  readonly input: Operations[OperationName][0]
}

/** The outcome of one call. `unavailable`: the store failed; `damaged`: for good; `failed`: this call has a defect. */
export type OperationResult<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'unavailable' | 'damaged' | 'failed'; readonly message: string; readonly cause: unknown }
