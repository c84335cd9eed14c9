import type { HeldBytes } from '../event/body-memory.ts'
import type { Ending } from '../flow/ending.ts'
import type { RunningCall, Visit } from '../flow/request.ts'
import type { Claimed } from '../ledger/work.ts'
import type { Bagged } from '../flow/bag.ts'
import type { Place } from './place.ts'

/** A request that this replica has claimed, for everyone to see. */
export interface RunEntry extends Bagged {
  readonly claimed: Claimed
  readonly place: Place
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The step that runs; `undefined`: not started, or all are done. */
  step: string | undefined
  /** More than one while branches run. */
  readonly calls: Set<RunningCall>
  /** Of this delivery; grows as steps are visited. */
  readonly visits: Visit[]
  /** What its events take of the memory for bodies. */
  readonly held: HeldBytes
  /** Ends the run: the claim is lost, or the gateway goes. */
  readonly stop: Ending
}
