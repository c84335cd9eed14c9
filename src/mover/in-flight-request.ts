import type { BodyShare } from '../event/body-memory.ts'
import type { EndSwitch } from '../flow/end-switch.ts'
import type { RunningCall, Visit } from '../flow/request.ts'
import type { Claimed } from '../ledger/work.ts'
import type { Listed } from '../flow/unordered-list.ts'
import type { LanePlace } from './lane-place.ts'
import type { StoredStream } from './stored-stream.ts'
import type { StepWatch } from './step-watch.ts'

/** A request that this replica has claimed, for everyone to see. */
export interface InFlightRequest extends Listed {
  readonly claimed: Claimed
  readonly place: LanePlace
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The step that runs; `undefined`: not started, or all are done. */
  step: string | undefined
  /** More than one while branches run. */
  readonly calls: Set<RunningCall>
  readonly watch: StepWatch
  /** Takes the reply as it comes; `undefined`: not started, or the reply is none that could stream. */
  stream: StoredStream | undefined
  /** Of this delivery; grows as steps are visited. */
  readonly visits: Visit[]
  /** The part of the memory for bodies that its events take. */
  readonly share: BodyShare
  /** Ends the run: the claim is lost, or the gateway goes. */
  readonly stop: EndSwitch
}
