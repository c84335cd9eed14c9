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
}
