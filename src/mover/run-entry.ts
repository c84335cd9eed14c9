import type { Claimed } from '../ledger/ledger.ts'
import type { Visit } from '../flow/request.ts'

/** Where a request in flight stands: claimed and not started, running, or finished and being settled. */
export type Buffer = 'intake' | 'processing' | 'output'

/** A request that this replica has claimed, for everyone to see. */
export interface RunEntry {
  readonly claimed: Claimed
  buffer: Buffer
  /** Of this delivery; grows as steps are visited. */
  readonly visits: Visit[]
  /** On the clock of `performance.now()`. */
  readonly startedAt: number
  /** Ends the run: the claim is lost, or the gateway goes. */
  readonly stop: AbortController
}
