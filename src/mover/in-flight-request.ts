import { BodyShare, type BodyMemory } from '../event/body-memory.ts'
import type { CloudEvent } from '../event/event.ts'
import { EndSwitch } from '../flow/end-switch.ts'
import type { RunningCall, Visit } from '../flow/request.ts'
import type { Claimed } from '../ledger/work.ts'
import type { Listed } from '../flow/unordered-list.ts'
import type { LanePlace } from './lane-place.ts'
import type { StoredStream } from './stored-stream.ts'
import { StepWatch } from './step-watch.ts'

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
  /** Takes the reply as it comes; `undefined`: not started, or the reply could not stream. */
  stream: StoredStream | undefined
  /** Of this delivery; grows as steps are visited. */
  readonly visits: Visit[]
  /** The part of the memory for bodies that its events take. */
  readonly share: BodyShare
  /** Ends the run: the claim is lost, or the gateway goes. */
  readonly stop: EndSwitch
}

/** A request that was just claimed, and has a place in its lane. */
export function createInFlight(claimed: Claimed, place: LanePlace, memory: BodyMemory): InFlightRequest {
  const calls = new Set<RunningCall>()
  const visits: Visit[] = []
  return {
    claimed,
    place,
    startedAt: Date.now(),
    step: undefined,
    calls,
    watch: new StepWatch(visits, calls),
    stream: undefined,
    visits,
    share: shareOf(claimed, memory),
    stop: new EndSwitch(),
    index: -1
  }
}

function shareOf({ record }: Claimed, memory: BodyMemory): BodyShare {
  const share = new BodyShare(memory)
  share.add(sizeOf(record.event))
  for (const { event } of record.marks.values()) share.add(sizeOf(event))
  return share
}

const sizeOf = ({ data }: CloudEvent): number => data?.length ?? 0
