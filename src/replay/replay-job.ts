import type { DeadLetterFilter } from '../ledger/dead-letters.ts'
import type { ReplayFrom } from './replay-request.ts'

/** Which dead letters a bulk replay takes; none of them given: all. */
export type ReplayFilter = Pick<DeadLetterFilter, 'pipeline' | 'step' | 'code' | 'since'>

export interface ReplayOrder {
  readonly filter: ReplayFilter
  readonly from: ReplayFrom
  /** Replays in a second. */
  readonly rate: number
}

/**
 * A bulk replay, as it is kept in the ledger.
 *
 * - `running`: dead letters are replayed, oldest first
 * - `paused`:  a breaker is open, or the queue is full; it goes on by itself
 * - `done`:    everything that had failed before it began has been looked at
 * - `stopped`: somebody has ended it; what it replayed goes on
 */
export interface ReplayJob extends ReplayOrder {
  /** A UUIDv7: a request that was accepted after it is not part of the job, its own replays above all. */
  readonly id: string
  readonly status: 'running' | 'paused' | 'done' | 'stopped'
  readonly startedAt: number
  readonly finishedAt: number | undefined
  /** The dead letter that was done last. */
  readonly cursor: string | undefined
  /** How many there were when it began; `undefined`: its filter takes some of a pipeline, and nobody has counted them. */
  readonly total: number | undefined
  readonly replayed: number
  /** Had a replay before the job began. */
  readonly skipped: number
  /** Could not be replayed: the log says why. */
  readonly refused: number
  /** The replica that runs it. */
  readonly owner: string
  /** When the owner last said that it lives; 0: it gave the job back. */
  readonly beatAt: number
}

/** Whether the request was accepted since the job began; ids begin with their time. */
export const isSince = (requestId: string, job: ReplayJob): boolean => timeOf(requestId) >= timeOf(job.id)

/** 48 bits in hexadecimal, with a hyphen. */
const timeOf = (id: string): string => id.slice(0, 13)
