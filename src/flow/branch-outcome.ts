import type { CloudEvent } from '../event/event.ts'
import type { Failed } from './stage.ts'

/** What came of a branch. */
export type BranchOutcome =
  | { readonly kind: 'replied'; readonly event: CloudEvent }
  | { readonly kind: 'filtered'; readonly step: string }
  | { readonly kind: 'skipped' }
  | ({ readonly kind: 'failed' } & Failed)
  /** It failed for now only, and waits without stopping the others. */
  | ({ readonly kind: 'held' } & Failed)
