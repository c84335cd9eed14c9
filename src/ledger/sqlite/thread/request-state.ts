import type { RequestRecord } from '../../record/request-record.ts'

/** The life of a request as the `state` column has it; `expired` is the mark that is left of one. */
export const state = {
  ready: 0,
  delayed: 1,
  blocked: 2,
  claimed: 3,
  replied: 4,
  filtered: 5,
  failed: 6,
  cancelled: 7,
  expired: 8
} as const

type Status = RequestRecord['status']

const statuses: readonly Status[] = [
  'accepted',
  'accepted',
  'accepted',
  'running',
  'replied',
  'filtered',
  'failed',
  'cancelled'
]

/** The status that callers are told for a state; `undefined`: the request has expired. */
export const statusOf = (code: number): Status | undefined => statuses[code]
