import type { Acceptance } from './acceptance.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Documents } from './documents.ts'
import type { Durability } from './durability.ts'
import type { Gauges } from './gauges.ts'
import type { Records } from './records.ts'
import type { Roles } from './roles.ts'
import type { Streams } from './streams.ts'
import type { Work } from './work.ts'

/**
 * The durable record of accepted requests: queue, reply store and dead letters in one transactional place.
 *
 * A request is one record. Its life:
 *
 * - `ready`:    accepted, or given back, and waiting to be claimed; the lowest rank first
 * - `delayed`:  given back until a time; then ready again
 * - `blocked`:  waiting for the request before it with the same order key
 * - `claimed`:  leased by an owner under a token; a lease that ran out may be claimed by anyone
 * - `settled`:  replied, filtered, failed or cancelled; kept for its time to live
 *
 * The promises of every adapter, shown by the conformance suite:
 *
 * - A promise that resolved survives what `durability` says. One that rejected (STORE_UNAVAILABLE) may or may not have
 *   been carried out, and repeating it does no harm.
 * - A write under a token that is not the current one changes nothing and answers `false`: there is one outcome.
 * - Timestamps are milliseconds since the epoch on the store's clock. Strings from outside are never part of a key
 *   unencoded.
 */
export interface Ledger extends Acceptance, Work, Streams, Records, Gauges, Roles, AsyncDisposable {
  readonly durability: Durability

  /** Why the store is away, for as long as it is; `undefined`: it answers, as far as is known. */
  readonly outage: string | undefined

  readonly deadLetters: DeadLetters
  readonly documents: Documents
}
