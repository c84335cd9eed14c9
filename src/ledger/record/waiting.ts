import type { StatusError } from './status-error.ts'

/** What an accepted request may wait for. */
export type WaitingReason =
  'queue' | 'order' | 'breaker' | 'budget' | 'step' | 'paused' | 'dependency' | 'gate' | 'pipeline'

/** Why nothing of a request runs. */
export interface Waiting {
  readonly reason: WaitingReason
  /** Milliseconds since the epoch. */
  readonly since: number
  /** The next try; `undefined`: whenever something else has happened. */
  readonly until: number | undefined
  /** What the last try met. */
  readonly lastError: StatusError | undefined
}
