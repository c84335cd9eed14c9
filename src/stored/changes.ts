import type { EndSwitch } from '../flow/end-switch.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Records } from '../ledger/records.ts'
import { isFinished } from './is-finished.ts'
import type { Waiters } from './waiters.ts'

export interface ChangesDeps {
  readonly ledger: Pick<Records, 'wait'>
  readonly waiters: Waiters
}

/**
 * The record, and again at each change, until the request has come to its end, the caller goes, or the gateway. A wait
 * that is given up gives the record as it stands, which may be as it was.
 */
export async function* changesOf(
  first: RequestRecord,
  ending: EndSwitch,
  { ledger, waiters }: ChangesDeps
): AsyncGenerator<RequestRecord, void, undefined> {
  const { pipeline, id } = first
  const waiter = waiters.add(ending, first.status === 'running')
  try {
    let record: RequestRecord | 'expired' | undefined = first
    while (typeof record === 'object') {
      yield record
      if (isFinished(record) || ending.aborted || !waiters.goesOn(waiter, record)) return
      record = await ledger.wait(pipeline, id, record.version, ending)
    }
  } finally {
    waiters.remove(waiter)
  }
}
