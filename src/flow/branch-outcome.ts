import type { CloudEvent } from '../event/event.ts'
import type { Request } from './request.ts'
import type { SequenceResult } from './sequence.ts'
import type { Failed } from './stage.ts'
import type { Surroundings } from './surroundings.ts'

/** The result of a run of a branch. */
export type BranchResult = SequenceResult | { readonly kind: 'skipped' }

export type RunBranch = (event: CloudEvent, request: Request, around: Surroundings) => Promise<BranchResult>

/** The outcome of a branch. */
export type BranchOutcome =
  | { readonly kind: 'replied'; readonly event: CloudEvent }
  | { readonly kind: 'filtered'; readonly step: string }
  | { readonly kind: 'skipped' }
  | ({ readonly kind: 'failed' } & Failed)
  /** It failed for now only, and waits without stopping the others. */
  | ({ readonly kind: 'held' } & Failed)
