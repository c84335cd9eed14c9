import type { CloudEvent } from '../event/event.ts'
import type { Span } from '../telemetry/tracing.ts'

/** One trip of an event through a pipeline. */
export interface Request {
  readonly id: string
  /** The event that the caller sent; `$request` in expressions. */
  readonly original: CloudEvent
  /** Ends the trip: the caller went away. */
  readonly signal: AbortSignal
  /** On the clock of `performance.now()`; Infinity: none. */
  readonly deadline: number
  /** Flat list of the caller's headers that steps receive. */
  readonly headers: readonly string[]
  readonly span: Span
  /** The steps that were visited so far, in order. */
  readonly visits: Visit[]
}

/** One step's part of a request. */
export interface Visit {
  readonly step: string
  readonly outcome: 'replied' | 'passed' | 'filtered' | 'failed' | 'cancelled'
  readonly attempts: number
  readonly durationMs: number
}
