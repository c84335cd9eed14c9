import type { CloudEvent } from '../../event/event.ts'
import type { Failure, Marks } from '../ledger.ts'
import type { Waiting } from './waiting.ts'

/** What becomes of an accepted request, in the order of its life. */
export const requestStatuses = ['accepted', 'running', 'replied', 'filtered', 'failed', 'cancelled'] as const

/** An accepted request as the ledger knows it. */
export interface RequestRecord {
  readonly id: string
  /** `namespace/name`. */
  readonly pipeline: string
  /** `undefined`: formats 1 and 2 wrote the record, in which every generation had the same number. */
  readonly generation: number | undefined
  readonly status: (typeof requestStatuses)[number]
  /** Grows with each change, from 1. */
  readonly version: number
  /** A store may forget its data when the request has come to another end than a failure. */
  readonly event: CloudEvent
  readonly headers: readonly string[]
  readonly priority: number
  readonly orderKey: string | undefined
  readonly eventTime: number
  /** Claims that counted, the current one included; not one that only found the request to be over. */
  readonly deliveries: number
  readonly acceptedAt: number
  readonly finishedAt: number | undefined
  readonly marks: Marks
  /** Why it was given back the last time, if it was held, or which order it keeps; while it runs it says nothing. */
  readonly waiting: Waiting | undefined
  /** As accepted. */
  readonly deadline: number | undefined
  readonly steps: readonly StepRecord[]
  readonly reply: CloudEvent | undefined
  /** The step that filtered it. */
  readonly filteredBy: string | undefined
  readonly failure: Failure | undefined
  readonly replayOf: string | undefined
  readonly traceId: string | undefined
}

/** One visit of a step. */
export interface StepRecord {
  readonly name: string
  /** Where the step stands: names from the root, joined by `/`. */
  readonly path: string
  readonly status: 'replied' | 'passed' | 'filtered' | 'failed' | 'cancelled'
  readonly attempts: number
  readonly startedAt: number
  readonly finishedAt: number
}
