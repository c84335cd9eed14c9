import type { CloudEvent } from '../../event/event.ts'
import type { Cause } from './cause.ts'
import type { Place } from './mark.ts'
import type { StepRecord } from './step-record.ts'

export type Settlement =
  | {
      readonly status: 'replied'
      readonly reply: CloudEvent
      readonly steps: readonly StepRecord[]
      /** The one that streamed the reply; absent: it did not stream. */
      readonly run?: number | undefined
    }
  | { readonly status: 'filtered'; readonly step: string; readonly steps: readonly StepRecord[] }
  | { readonly status: 'cancelled'; readonly steps: readonly StepRecord[] }
  | { readonly status: 'failed'; readonly failure: Failure; readonly steps: readonly StepRecord[] }

/** Why a request failed for good, and what its failing step got. */
export interface Failure extends Cause {
  /** Where each sequence stood, by its path: a replay goes on there. */
  readonly places: ReadonlyMap<string, Place>
}
