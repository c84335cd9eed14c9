import type { BranchFailure, SluiceError } from '../errors.ts'
import type { CloudEvent } from './event.ts'

/** How a request ended. A filtered event is not an error. */
export type Outcome =
  | { readonly kind: 'replied'; readonly event: CloudEvent }
  | { readonly kind: 'filtered'; readonly step: string }
  | { readonly kind: 'failed'; readonly error: SluiceError }
  | { readonly kind: 'cancelled' }

/**
 * How one step's part of a request ended. `held`: it waits for a breaker, say, and comes again; `aborted`: nobody needed
 * it any more.
 */
export type VisitOutcome = 'replied' | 'passed' | 'filtered' | 'skipped' | 'failed' | 'held' | 'aborted'

/** Why a step failed, or a failure that it forgave; the path is that of the step that failed. */
export interface StepFailure extends BranchFailure {
  readonly upstreamStatus?: number
  readonly upstreamBody?: string
}
