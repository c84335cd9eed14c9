import { errorKinds, type SluiceError } from '../errors.ts'
import { withAttributes, type CloudEvent } from '../event/event.ts'

/** Octets of the failing answer in `knativeerrordata`, before base64 (as Knative's Kafka channel cuts them). */
const maxErrorData = 1024

export interface DeadLetterFacts {
  /** `namespace/name`. */
  readonly pipeline: string
  /** `undefined`: what failed was the delivery of the reply. */
  readonly step: string | undefined
  readonly requestId: string
  /** The URL of what failed, as others may see it; `undefined`: it had none. */
  readonly url: string | undefined
}

/**
 * The event for a dead letter sink: the one that the failing step, or the reply destination, got, with Knative's error
 * attributes and ours. Without an answer of the step the code is the one that a synchronous caller sees, and the data
 * says what happened. Attributes without a value are taken away, since the event may have been a dead letter before.
 */
export function deadLetterEvent(input: CloudEvent, error: SluiceError, facts: DeadLetterFacts): CloudEvent {
  const data = error.facts.upstreamBody?.octets ?? Buffer.from(error.message)
  return withAttributes(input, {
    knativeerrordest: facts.url,
    knativeerrorcode: String(error.facts.upstreamStatus ?? errorKinds[error.code].status),
    knativeerrordata: data.length === 0 ? undefined : base64(data.subarray(0, maxErrorData)),
    sluicepipeline: facts.pipeline,
    sluicestep: facts.step,
    sluiceattempts: String(error.facts.attempts ?? 0),
    sluicerequestid: facts.requestId
  })
}

const base64 = (octets: Uint8Array): string => Buffer.from(octets).toString('base64')
