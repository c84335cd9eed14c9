import type { Mark } from './record/mark.ts'
import type { RequestRecord } from './record/request-record.ts'
import type { Settlement } from './record/settlement.ts'
import type { Note } from './record/note.ts'

/** How accepted requests are brought to their end. */
export interface Work {
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
   * Ends the request, once. False: the claim is lost. A replay that ends well closes the dead letter that it replays,
   * and those that led to it; one that is cancelled leaves the dead letter as if it had not been replayed.
   */
  settle(claim: Claim | Claimed, settlement: Settlement): Promise<boolean>

  /**
   * Tells of the request beside its marks, in place of the note before; that is no new version. False: the claim is
   * not the last one of it, or it neither runs nor was cancelled.
   */
  tell(claim: Claim, note: Note): Promise<boolean>

  /** Gives the request back. */
  release(claim: Claim, options: Release): Promise<boolean>

  /** Calls back with a pipeline that may have something to claim; at once for accepts and releases of this process. */
  watch(onWork: (pipeline: string) => void): Disposable

  /** Pipelines that have something to claim now; for a sweep beside `watch`. */
  claimable(): Promise<readonly string[]>
}

export interface Lease {
  /** The replica; unique for each start of a process. */
  readonly owner: string
  readonly leaseMs: number
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

/** The mark of one sequence. */
export interface Checkpoint {
  readonly path: string
  readonly mark: Mark
  /** A structured step of the sequence has ended: the marks below the path go. */
  readonly clears: boolean
}

export interface Release {
  /** After so long it may be claimed again. */
  readonly delayMs: number
  /** False takes back the delivery that the claim counted. */
  readonly spent: boolean
  /** For the record; absent: there is nothing to tell. */
  readonly note?: Note | undefined
}
