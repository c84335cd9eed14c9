import { SluiceError } from '../errors.ts'
import { createRequestId } from '../event/request-id.ts'
import type { DeadLetter } from '../ledger/dead-letters.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { requestAttributes, type Tracer } from '../telemetry/tracing.ts'
import { storedCarrier } from '../telemetry/carrier.ts'
import { replayRequest, type ReplayFrom, type Served } from './replay-request.ts'

export interface ReplayDeps {
  readonly ledger: Pick<Ledger, 'deadLetters' | 'documents'>
  /** The generation that is served now. */
  readonly servedOf: (pipeline: string) => Served | undefined
  readonly tracer: Tracer
}

/** The request that replays a dead letter; repeated: there was one already. */
export interface Replay {
  readonly id: string
  readonly pipeline: string
  readonly repeated: boolean
}

/** A replay has a trace of its own, which is linked to the old one. */
const noCarrier = { traceparent: undefined, tracestate: undefined, baggage: undefined }

/**
 * Accepts the replay of a dead letter; safe to repeat. `undefined`: it was removed meanwhile. Throws
 * PIPELINE_NOT_FOUND, INVALID_REQUEST when its step is gone, QUEUE_FULL, STORE_UNAVAILABLE.
 */
export async function replayDeadLetter(
  letter: DeadLetter,
  from: ReplayFrom,
  { ledger, servedOf, tracer }: ReplayDeps
): Promise<Replay | undefined> {
  const { record } = letter
  const { pipeline } = record
  const served = servedOf(pipeline)
  if (served === undefined) {
    throw new SluiceError('PIPELINE_NOT_FOUND', `${pipeline} is not served here, so nothing could run the replay`)
  }
  const id = createRequestId()
  const attributes = { ...requestAttributes(pipeline, id), ...replayedAttributes(letter) }
  const span = tracer.start(`replay ${pipeline}`, attributes, noCarrier, {
    kind: 'internal',
    link: storedCarrier(record)
  })
  try {
    const answer = await ledger.deadLetters.replay(record.id, replayRequest(letter, from, served, { id, span }))
    return answer && { ...answer, pipeline }
  } finally {
    span.end()
  }
}

const replayedAttributes = ({ record: { id, traceId } }: DeadLetter) => ({
  'sluice.replay_of': id,
  ...(traceId !== undefined && { 'sluice.replayed_trace_id': traceId })
})
