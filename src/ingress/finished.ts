import type { ServerResponse } from 'node:http'
import type { Ledger } from '../ledger/ledger.ts'
import type { RequestRecord } from '../ledger/request-record.ts'
import { endingWithCaller } from './caller-gone.ts'

/** Whether a request has come to its end. */
export const isFinished = ({ status }: RequestRecord): boolean => status !== 'accepted' && status !== 'running'

/** The longest that a timer of Node can be. */
const longestTimerMs = 2 ** 31 - 1

/**
 * The record once the request has come to its end; as it stands when the time is over, or the caller goes away. `seen` is
 * the version that is known already.
 */
export async function waitUntilFinished(
  ledger: Ledger,
  { pipeline, id }: { readonly pipeline: string; readonly id: string },
  outgoing: ServerResponse,
  waitMs: number,
  seen = 0
): Promise<RequestRecord | 'expired' | undefined> {
  const ending = endingWithCaller(outgoing)
  const timer = setTimeout(() => ending.abort(), Math.min(waitMs, longestTimerMs))
  try {
    for (let version = seen; ;) {
      const record = await ledger.wait(pipeline, id, version, ending)
      if (record === undefined || record === 'expired' || isFinished(record) || ending.aborted) return record
      version = record.version
    }
  } finally {
    clearTimeout(timer)
  }
}
