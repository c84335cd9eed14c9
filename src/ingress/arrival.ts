import type { ServerResponse } from 'node:http'
import { HeldBytes, type BodyMemory } from '../event/body-memory.ts'
import type { Ending } from '../flow/ending.ts'
import type { Visit } from '../flow/request.ts'
import type { Serving } from '../flow/serving.ts'
import type { IncomingRequest } from '../http/incoming-request.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { Caller } from './caller.ts'
import { endingWithCaller } from './caller-gone.ts'
import { closed } from './departure.ts'
import type { RequestHeaders } from './request-headers.ts'

/** A request as it arrived, before anything is known of its event. */
export interface Arrival {
  /** The request id, a UUIDv7. */
  readonly id: string
  /** What `sluice-request-id` says: the id, or that of the stored request which the answer is about. */
  requestId: string
  readonly path: string
  /** `undefined`: a caller without a name. */
  readonly caller: Caller | undefined
  readonly headers: RequestHeaders
  readonly incoming: IncomingRequest
  readonly outgoing: ServerResponse
  /** Ends when the caller goes away before the answer is written. */
  readonly gone: Ending
  /** On the clock of `performance.now()`. */
  readonly at: number
  /** The steps that were visited while the caller waited: `server-timing`. */
  readonly visits: Visit[]
  /** What it takes of the memory for bodies, until its answer has left. */
  readonly held: HeldBytes
  /** Where it has a place among the synchronous requests, until its answer has left. */
  place: Serving | undefined
  /** The spans that end with its answer: one for each event of it that became a request. */
  spans: readonly Span[]
  /** Its handler is done with it: nothing but an answer on its way keeps it. */
  answered: boolean
}

const noSpans: readonly Span[] = []

export function createArrival(
  { id, path, at, visits, headers }: Pick<Arrival, 'id' | 'path' | 'at' | 'visits' | 'headers'>,
  { incoming, outgoing }: Pick<Arrival, 'incoming' | 'outgoing'>,
  memory: BodyMemory
): Arrival {
  const arrival: Arrival = {
    id,
    requestId: id,
    path,
    caller: undefined,
    headers,
    incoming,
    outgoing,
    gone: endingWithCaller(outgoing, () => closed(arrival)),
    at,
    visits,
    held: new HeldBytes(memory),
    place: undefined,
    spans: noSpans,
    answered: false
  }
  return arrival
}
