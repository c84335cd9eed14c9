import type { ServerResponse } from 'node:http'
import type { BodyShare } from '../event/body-memory.ts'
import type { EndSwitch } from '../flow/end-switch.ts'
import type { Visit } from '../flow/request.ts'
import type { Serving } from '../flow/serving.ts'
import type { IncomingRequest } from '../http/incoming-request.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { Caller } from '../access/caller.ts'
import type { RequestHeaders } from './request-headers.ts'

/** A request as it arrived, before anything is known of its event. */
export interface Arrival {
  /** The request id, a UUIDv7. */
  readonly id: string
  /** The value of `sluice-request-id`: the id, or that of the stored request which the answer is about. */
  requestId: string
  readonly path: string
  /** `undefined`: a caller without a name. */
  readonly caller: Caller | undefined
  readonly headers: RequestHeaders
  readonly incoming: IncomingRequest
  readonly outgoing: ServerResponse
  /** Ends when the caller goes away before the answer is written. */
  readonly gone: EndSwitch
  /** On the clock of `performance.now()`. */
  readonly at: number
  /** The steps that were visited while the caller waited: `server-timing`. */
  readonly visits: Visit[]
  /** The part of the memory for bodies that it takes, until its answer has left. */
  readonly share: BodyShare
  /** Where it has a place among the synchronous requests, until its answer has left. */
  place: Serving | undefined
  /** The spans that end with its answer: one for each event of it that became a request. */
  spans: readonly Span[]
  /** Its handler is done with it: nothing but an answer on its way keeps it. */
  answered: boolean
}
