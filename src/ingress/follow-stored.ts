import { statusDocument } from '../ledger/record/status-document.ts'
import type { Records } from '../ledger/records.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { Arrival } from './arrival.ts'
import { streamEvents } from './stream-events.ts'
import type { Waiters } from '../stored/waiters.ts'

/** Answers with the events of a request that was just stored, like `GET …/requests/{id}/events`, then its reply. */
export async function followStored(
  arrival: Arrival,
  first: RequestRecord,
  plan: Plan,
  records: Records,
  waiters: Waiters
): Promise<undefined> {
  const { pipeline, flow } = plan
  await streamEvents(arrival.outgoing, {
    gone: arrival.gone,
    first,
    after: 0,
    next: (version, signal) => records.wait(pipeline, first.id, version, signal),
    document: record => statusDocument(record, flow[0]?.name),
    withReply: true,
    waiters
  })
}
