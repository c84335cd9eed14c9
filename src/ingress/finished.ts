import type { ServerResponse } from 'node:http'
import type { Ledger } from '../ledger/ledger.ts'
import type { RequestRecord } from '../ledger/request-record.ts'
import { callerGone } from './caller-gone.ts'

/** Whether a request has come to its end. */
export const isFinished = ({ status }: RequestRecord): boolean => status !== 'accepted' && status !== 'running'

/** The record once the request has come to its end; as it stands when the time is over, or the caller goes away. */
export async function waitUntilFinished(
  ledger: Ledger,
  { pipeline, id }: { readonly pipeline: string; readonly id: string },
  outgoing: ServerResponse,
  waitMs: number
): Promise<RequestRecord | 'expired' | undefined> {
  const signal = AbortSignal.any([AbortSignal.timeout(waitMs), callerGone(outgoing)])
  for (let version = 0; ;) {
    const record = await ledger.wait(pipeline, id, version, signal)
    if (record === undefined || record === 'expired' || isFinished(record) || signal.aborted) return record
    version = record.version
  }
}
