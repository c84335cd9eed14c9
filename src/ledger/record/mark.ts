import type { CloudEvent } from '../../event/event.ts'
import type { Cause } from './cause.ts'
import type { StepRecord } from './step-record.ts'

/** Where one sequence of a request goes on. */
export interface Place {
  /** The name of the node that is next; `undefined`: the record is of a version that knew no names. */
  readonly next: string | undefined
  /** Its place in the sequence, which that version goes by, and nothing else. */
  readonly index: number
  /** The event that it gets. */
  readonly event: CloudEvent
  /** Replies that later expressions may name, by step; empty when the plan has no such expression. */
  readonly replies: ReadonlyMap<string, CloudEvent>
  /** Of a branch that has ended while others run; `undefined`: the sequence goes on. */
  readonly ended: PlaceEnd | undefined
  /** The entry of `traffic` that the node has chosen; absent: it has chosen none. */
  readonly chosen?: string
}

/** How a branch ended. `at` is in milliseconds since the epoch. */
export type PlaceEnd = { readonly at: number } & (
  | { /** The event of the place is what it gave. */ readonly kind: 'replied' }
  | { /** The name of the step that filtered it. */ readonly kind: 'filtered'; readonly step: string }
  | { readonly kind: 'failed'; readonly cause: Cause }
)

/** Where one sequence of a request stands. */
export interface Mark extends Place {
  /** Visits so far of what is in the sequence, those of earlier deliveries included. */
  readonly steps: readonly StepRecord[]
  /** The delivery that came so far, from 1. Those after it begin here. */
  readonly delivery: number
  /** Calls that the request had caused by then; absent: nobody counts them. */
  readonly calls?: number
}

/** Marks by the paths of their sequences: one for each that has begun and not ended. The root has the empty path. */
export type Marks = ReadonlyMap<string, Mark>
