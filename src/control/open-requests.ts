import type { Records } from '../ledger/records.ts'
import type { RequestSummary } from '../ledger/record/request-record.ts'

/** Requests of a page that is looked through. */
const pageSize = 1000

/** The stored requests of a pipeline that have not ended. */
export async function* openRequests(
  ledger: Pick<Records, 'list'>,
  pipeline: string
): AsyncGenerator<RequestSummary, void> {
  for (const status of ['accepted', 'running'] as const) {
    for (let after: string | undefined; ;) {
      const page = await ledger.list({ pipeline, status, after, limit: pageSize })
      yield* page
      after = page.at(-1)?.id
      if (page.length < pageSize) break
    }
  }
}
