import { isoTime } from '../event/iso-time.ts'
import type { Buffer } from './buffers.ts'
import type { LanePlace } from './lane-place.ts'
import type { InFlightRequest } from './in-flight-request.ts'

/** How far a request is that runs on this replica. */
export interface InFlightState {
  readonly stage: Buffer
  /** The step that runs; absent: not started, or all are done. */
  readonly step?: string
  /** Of the step, or in the output of the delivery of the reply; absent: nothing is called. */
  readonly attempt?: number
  /** RFC 3339. */
  readonly startedAt: string
  /** The branches of the step that are not done, by the steps in them that run. */
  readonly waitingFor: readonly string[]
}

interface Shown extends Pick<InFlightRequest, 'step' | 'calls' | 'startedAt'> {
  readonly place: Pick<LanePlace, 'buffer'>
}

/** `undefined`: it has just ended. */
export function inFlightState({ place, step, calls, startedAt }: Shown): InFlightState | undefined {
  const stage = place.buffer
  if (stage === undefined) return undefined
  const running = [...calls]
  const own = running.find(call => call.step?.name === step)
  return {
    stage,
    ...(step !== undefined && { step }),
    ...(own !== undefined && { attempt: Math.max(1, own.attempts.count) }),
    startedAt: isoTime(startedAt),
    waitingFor: running.flatMap(call => (call === own ? [] : (call.step?.name ?? [])))
  }
}
