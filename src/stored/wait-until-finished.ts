import type { EndSwitch } from '../flow/end-switch.ts'
import type { Records } from '../ledger/records.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { isFinished } from './is-finished.ts'
import type { Waiters } from './waiters.ts'

/** The longest that a timer of Node can be. */
const longestTimerMs = 2 ** 31 - 1

export interface WaitDeps {
  readonly ledger: Pick<Records, 'read' | 'wait'>
  readonly waiters: Waiters
}

export interface Wait {
  readonly pipeline: string
  readonly id: string
  /** Ends the wait: the caller went away, or its time is over. */
  readonly ending: EndSwitch
  readonly waitMs: number
  /** The record that is known already. */
  readonly seen?: RequestRecord | undefined
  /** Whether it is over as soon as the reply comes in pieces. */
  readonly streams?: boolean
}

/**
 * The record once the request has come to its end; as it stands when the time is over, the caller goes away, or the
 * gateway.
 */
export async function waitUntilFinished(
  { pipeline, id, ending, waitMs, seen, streams = false }: Wait,
  { ledger, waiters }: WaitDeps
): Promise<RequestRecord | 'expired' | undefined> {
  const timer = setTimeout(() => ending.abort(), Math.min(waitMs, longestTimerMs))
  const waiter = waiters.add(ending, seen?.status === 'running')
  try {
    for (let version = seen?.version ?? 0; ;) {
      const record = await ledger.wait(pipeline, id, version, ending)
      if (record === undefined || record === 'expired' || isFinished(record) || ending.aborted) return record
      if (streams && record.stream !== undefined) return record
      if (!waiters.goesOn(waiter, record)) return record
      version = record.version
    }
  } finally {
    clearTimeout(timer)
    waiters.remove(waiter)
  }
}
