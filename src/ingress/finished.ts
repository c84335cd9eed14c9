import type { Ledger } from '../ledger/ledger.ts'
import type { RequestRecord } from '../ledger/request-record.ts'

/** Whether a request has come to its end. */
export const isFinished = ({ status }: RequestRecord): boolean => status !== 'accepted' && status !== 'running'

/** The record once the request has come to its end; as it stands when the signal aborts before. */
export async function waitUntilFinished(
  ledger: Ledger,
  pipeline: string,
  id: string,
  signal: AbortSignal
): Promise<RequestRecord | 'expired' | undefined> {
  for (let version = 0; ;) {
    const record = await ledger.wait(pipeline, id, version, signal)
    if (record === undefined || record === 'expired' || isFinished(record) || signal.aborted) return record
    version = record.version
  }
}
