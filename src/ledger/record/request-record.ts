import type { CloudEvent } from '../../event/event.ts'
import type { Mark, Marks } from './mark.ts'
import type { Told } from './note.ts'
import type { Failure } from './settlement.ts'
import type { StepRecord } from './step-record.ts'
import type { Waiting } from './waiting.ts'

/** The statuses of an accepted request, in the order of its life. */
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
  /** The steps that its run told of beside its marks; `undefined`: it told of none. */
  readonly told: Told | undefined
  /** How far it has streamed, while it does and when it has replied so; `undefined`: it did not. */
  readonly stream: StreamState | undefined
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

/** The octets that one run of a request has streamed. */
export interface StreamState {
  /** From 1: runs that streamed, this one included. */
  readonly run: number
  readonly size: number
}

/** A request as a list tells it: all but its events and headers, which may be large. A record is one too. */
export interface RequestSummary extends Omit<RequestRecord, 'event' | 'headers' | 'reply' | 'marks' | 'failure'> {
  readonly marks: ReadonlyMap<string, Pick<Mark, 'next' | 'ended'>>
  readonly failure: Omit<Failure, 'places'> | undefined
}
