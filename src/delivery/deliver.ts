import type { SluiceError } from '../errors.ts'
import type { EndSignal } from '../event/end-signal.ts'
import type { CloudEvent } from '../event/event.ts'
import type { StreamTaker } from '../event/stream-taker.ts'
import type { CallCount } from './call-count.ts'
import type { Span } from '../telemetry/tracing.ts'

/** The result of one delivery to a destination. */
export type Delivered =
  | { readonly kind: 'reply'; readonly event: CloudEvent }
  | { readonly kind: 'empty' }
  | { readonly kind: 'failed'; readonly error: SluiceError }
  /** The caller went away, or the request was cancelled: nobody waits for an answer. */
  | { readonly kind: 'cancelled' }

/** One delivery of an event to one destination, over all its attempts. */
export interface Call {
  readonly requestId: string
  /** The event that the request came with. */
  readonly original: CloudEvent
  readonly signal: EndSignal
  /** On the clock of `performance.now()`; Infinity: none. */
  readonly deadline: number
  /** How long it may be held for a step at zero, in milliseconds; Infinity: until its deadline. */
  readonly maxHoldMs: number
  /** Flat list of names and values that goes with each attempt: propagated headers. */
  readonly headers: readonly string[]
  readonly span: Span
  /** Bounds the calls of the whole request; `undefined`: it can make no more than it may. */
  readonly calls: CallCount | undefined
  /** All attempts of the delivery share it. */
  readonly attempts: Attempts
  /** Takes an answer that streams; `undefined`: every answer is collected. */
  readonly stream: StreamTaker | undefined
}

/** How far a delivery is. */
export interface Attempts {
  /** How often the destination was called so far. */
  count: number
  /** Since when it waits for its destination to be there, or to have a free place, in milliseconds since the epoch; `undefined`: it does not. */
  heldSince: number | undefined
}

/** Tries to deliver an event. Resolves in every expected case; throws for defects only. */
export type Deliver = (event: CloudEvent, call: Call) => Promise<Delivered>

/** Wraps a delivery in a policy such as retries or a breaker. */
export type DeliveryPolicy = (next: Deliver) => Deliver

/** The policies around a delivery, outermost first. */
export function wrap(deliver: Deliver, ...policies: readonly DeliveryPolicy[]): Deliver {
  return policies.reduceRight((next, policy) => policy(next), deliver)
}
