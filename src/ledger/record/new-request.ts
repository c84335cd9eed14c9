import type { CloudEvent } from '../../event/event.ts'
import type { Marks } from './mark.ts'

export interface NewRequest {
  /** UUIDv7, the request id. */
  readonly id: string
  /** `namespace/name`. */
  readonly pipeline: string
  readonly generation: number
  readonly event: CloudEvent
  /** Flat list of headers that go with each step call, trace context included. */
  readonly headers: readonly string[]
  /** 0 to 9, 9 first. A level is worth ten seconds of waiting, so a low one is never starved. */
  readonly priority: number
  /** Requests of a pipeline with the same order key run one after the other. */
  readonly orderKey: string | undefined
  /** Event time in milliseconds, for the watermark; `undefined`: its acceptance. */
  readonly eventTime: number | undefined
  /** Any of them known for the pipeline: the request is the known one. */
  readonly deduplicationKeys: readonly string[]
  /** Hash of what must be equal when a key is used again; empty without keys. */
  readonly fingerprint: string
  readonly ttlMs: number
  readonly maxQueued: number
  /** Where it starts when not at the first step: a replay from the failed step. */
  readonly marks: Marks
  readonly replayOf: string | undefined
  readonly traceId: string | undefined
  /** When it has to have come to its end, in milliseconds since the epoch; for who does not know its pipeline. */
  readonly deadline: number | undefined
}

/** The parts of an accepted request that never change. */
export interface RequestContent extends Pick<
  NewRequest,
  'event' | 'headers' | 'priority' | 'orderKey' | 'eventTime' | 'replayOf' | 'traceId' | 'deadline'
> {
  /** `undefined`: the version that wrote it numbered none. */
  readonly generation: number | undefined
}
