import type { Waiting } from '../ledger/record/waiting.ts'
import type { Reconciler } from './reconciler.ts'

/** Why requests of a pipeline wait, if it is since somebody has paused it. */
export function pausedHold(reconciler: Pick<Reconciler, 'get'>, pipeline: string): Waiting | undefined {
  const entry = reconciler.get(pipeline)
  return entry?.gate === 'paused' ? pausedSince(entry.gateSince) : undefined
}

/** Nobody knows until when. */
export const pausedSince = (since: number): Waiting => ({
  reason: 'paused',
  since,
  until: undefined,
  lastError: undefined
})
