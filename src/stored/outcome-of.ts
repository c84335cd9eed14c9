import { SluiceError } from '../errors.ts'
import type { EndSwitch } from '../flow/end-switch.ts'
import type { Accepted } from '../ledger/acceptance.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Records } from '../ledger/records.ts'
import { isFinished } from './is-finished.ts'
import { requireRecord } from './require-record.ts'
import { waitUntilFinished, type WaitDeps } from './wait-until-finished.ts'

export interface OutcomeWait {
  readonly pipeline: string
  readonly waitMs: number
  /** Ends the wait: the caller went away, or its time is over. */
  readonly ending: EndSwitch
  /** A caller who repeats a request that still runs waits with it; false: is refused. */
  readonly joins: boolean
  /** Whether the wait is over as soon as the reply comes in pieces. */
  readonly streams: boolean
}

/** The end of a request that was accepted; see `StoredRequests`. */
export async function outcomeOf(
  accepted: Accepted,
  { pipeline, waitMs, ending, joins, streams }: OutcomeWait,
  deps: WaitDeps
): Promise<RequestRecord | undefined> {
  const { id } = accepted
  if (accepted.kind === 'known' && !joins) {
    const record = await deps.ledger.read(pipeline, id).catch(nothingWhileAway)
    if (typeof record === 'object' && !isFinished(record)) {
      throw new SluiceError('IDEMPOTENCY_IN_FLIGHT', `the request ${id} with this key is still running`)
    }
  }
  const seen = accepted.kind === 'accepted' ? accepted.claimed?.record : undefined
  const record = await waitUntilFinished({ pipeline, id, ending, waitMs, seen, streams }, deps).catch(nothingWhileAway)
  return typeof record === 'object' ? record : undefined
}

/** Throws REQUEST_NOT_FOUND or REQUEST_EXPIRED. */
export async function readAccepted(
  pipeline: string,
  id: string,
  { ledger }: { readonly ledger: Pick<Records, 'read'> }
): Promise<RequestRecord | undefined> {
  const record = await ledger.read(pipeline, id).catch(nothingWhileAway)
  return record === away ? undefined : requireRecord(record, id)
}

/**
 * The request is accepted, whatever becomes of the store: its caller gets 202, and would send it twice if it were 503.
 */
function nothingWhileAway(thrown: unknown): typeof away {
  if (!(thrown instanceof SluiceError && thrown.code === 'STORE_UNAVAILABLE')) throw thrown
  return away
}

/** Read of a store that is away. */
const away = Symbol('away')
