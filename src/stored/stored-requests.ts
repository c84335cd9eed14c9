import type { EndSwitch } from '../flow/end-switch.ts'
import type { Accepted } from '../ledger/acceptance.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { NewRequest } from '../ledger/record/new-request.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Mover } from '../mover/mover.ts'
import { acceptAll, acceptRequest, type Acceptor } from './accept.ts'
import { newsOf, type News, type StreamPlace } from './news.ts'
import { outcomeOf, readAccepted, type OutcomeWait } from './outcome-of.ts'
import { requireRecord } from './require-record.ts'
import { waitUntilFinished, type Wait } from './wait-until-finished.ts'
import type { Waiters } from './waiters.ts'

/**
 * Stored requests, for those who send them and ask about them. Each method rejects with STORE_UNAVAILABLE where it says
 * nothing else.
 */
export interface StoredRequests {
  /**
   * Accepts one, and claims it in the same write when there is room to run it at once. Throws QUEUE_FULL,
   * IDEMPOTENCY_MISMATCH; for a caller who waits also PAUSED and PIPELINE_NOT_READY.
   */
  accept(request: NewRequest, acceptor: Acceptor): Promise<Accepted>
  /** Accepts all or none. Throws QUEUE_FULL and IDEMPOTENCY_MISMATCH. */
  acceptAll(requests: readonly NewRequest[]): Promise<readonly Accepted[]>
  /**
   * An accepted request once it has come to its end, or as it stands when the wait is over. `undefined`: the store is
   * away, or has forgotten it. Throws IDEMPOTENCY_IN_FLIGHT.
   */
  outcomeOf(accepted: Accepted, wait: OutcomeWait): Promise<RequestRecord | undefined>
  /** An accepted request as it stands; `undefined`: the store is away. */
  readAccepted(pipeline: string, id: string): Promise<RequestRecord | undefined>
  /** Throws REQUEST_NOT_FOUND or REQUEST_EXPIRED. */
  read(pipeline: string, id: string): Promise<RequestRecord>
  /** The record once the request has come to its end, or as it stands when the wait is over. Throws as `read` does. */
  readFinished(wait: Wait): Promise<RequestRecord>
  /**
   * The events of the request from now on, and the pieces of its stream behind those that the caller has seen;
   * until it has come to its end, the caller goes, or the gateway.
   */
  news(first: RequestRecord, seen: StreamPlace | undefined, ending: EndSwitch): AsyncGenerator<News, void, undefined>
  /** Cancels the request, if it is not over yet, and answers the record. Throws as `read` does. */
  cancel(pipeline: string, id: string): Promise<RequestRecord>
}

export interface StoredRequestsDeps {
  readonly ledger: Pick<Ledger, 'accept' | 'cancel' | 'read' | 'wait' | 'readPieces'>
  readonly mover: Pick<Mover, 'reserve'>
  readonly waiters: Waiters
  /** Told of a request that was cancelled here: its run, wherever it is, is to be stopped. */
  readonly cancelled: (pipeline: string, id: string) => void
}

export function createStoredRequests(deps: StoredRequestsDeps): StoredRequests {
  const { ledger, cancelled } = deps
  const read = async (pipeline: string, id: string) => requireRecord(await ledger.read(pipeline, id), id)
  return {
    accept: (request, acceptor) => acceptRequest(request, acceptor, deps),
    acceptAll: requests => acceptAll(requests, deps),
    outcomeOf: (accepted, wait) => outcomeOf(accepted, wait, deps),
    readAccepted: (pipeline, id) => readAccepted(pipeline, id, deps),
    read,
    readFinished: async wait => requireRecord(await waitUntilFinished(wait, deps), wait.id),
    news: (first, seen, ending) => newsOf(first, seen, ending, deps),
    async cancel(pipeline, id) {
      // Other replicas learn of it when they renew their claims.
      if ((await ledger.cancel(pipeline, id)) === 'cancelled') cancelled(pipeline, id)
      return read(pipeline, id)
    }
  }
}
