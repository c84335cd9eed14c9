import type { Admission } from '../flow/admission.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { Controlled } from './controlled.ts'

/** Why requests of a pipeline wait, if it is since the pipeline is paused, or lacks one that it needs. */
export function admissionHold(admission: Admission | undefined): Waiting | undefined {
  if (admission?.gate === 'paused') return heldSince('paused', admission.since)
  return admission?.blocked === undefined ? undefined : heldSince('dependency', admission.blockedSince)
}

/** The same, as the reconciler knows it. */
export function pausedHold(entry: Controlled | undefined): Waiting | undefined {
  if (entry?.gate === 'paused') return heldSince('paused', entry.gateSince)
  return entry?.blocked === undefined ? undefined : heldSince('dependency', entry.blockedSince)
}

/** Nobody knows until when. */
const heldSince = (reason: 'paused' | 'dependency', since: number): Waiting => ({
  reason,
  since,
  until: undefined,
  lastError: undefined
})
