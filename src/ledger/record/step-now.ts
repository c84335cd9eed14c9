import type { StepRecord } from './step-record.ts'
import type { Waiting } from './waiting.ts'

/** A step of a request as it is at this moment. Times are milliseconds since the epoch. */
export interface StepNow extends Pick<StepRecord, 'name' | 'path' | 'attempts' | 'error'> {
  readonly status: StepRecord['status'] | 'running'
  /** `undefined`: only the replica that runs it knows. */
  readonly startedAt: number | undefined
  /** `undefined`: it has not come to an end. */
  readonly finishedAt: number | undefined
  /** Of one that is held: what it waits for. */
  readonly waiting?: Waiting | undefined
}
