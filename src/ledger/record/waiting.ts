import type { StatusError } from './status-error.ts'

/** The reasons for which an accepted request may wait. */
export type WaitingReason =
  'queue' | 'order' | 'breaker' | 'budget' | 'step' | 'paused' | 'dependency' | 'gate' | 'pipeline'

/** Why nothing of a request runs. */
export interface Waiting {
  readonly reason: WaitingReason
  /** Milliseconds since the epoch. */
  readonly since: number
  /** The next try; `undefined`: whenever something else has happened. */
  readonly until: number | undefined
  /** The failure of the last try. */
  readonly lastError: StatusError | undefined
  /** The steps that are held, where they are others than the one that is next; in the order in which they were. */
  readonly steps?: readonly HeldStep[]
}

/** A step that waits, with what is inside it. */
export interface HeldStep {
  readonly name: string
  /** Names from the root, joined by `/`. */
  readonly path: string
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly waiting: Omit<Waiting, 'steps'>
}
