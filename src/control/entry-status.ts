import { failurePercent, noAttempts, p95, type EntryCounts } from '../flow/traffic/attempt-counts.ts'
import type { TrafficEntry } from '../pipeline/node.ts'

/** An entry of a step's traffic as `status` shows it. The one without a tag and a place is the step's own destination. */
export interface EntryStatus {
  readonly tag?: string
  /** The share that it has now. */
  readonly percent: number
  /** Attempts since the gateway started. */
  readonly calls: number
  readonly failurePercent: number
  /** Of a call, as an ISO 8601 duration; absent: there was none. */
  readonly p95?: string
}

export function entryStatus({ name, tag }: TrafficEntry, percent: number, counts: EntryCounts): EntryStatus {
  const count = counts.get(name) ?? noAttempts
  return {
    ...(tag !== undefined && { tag }),
    percent,
    calls: count.calls,
    failurePercent: Math.round(failurePercent(count) * 100) / 100,
    ...(count.calls > 0 && { p95: `PT${Math.round(p95(count)) / 1000}S` })
  }
}
