import type { SluiceError } from '../errors.ts'
import { statusError } from '../ledger/record/status-error.ts'
import type { Waiting, WaitingReason } from '../ledger/record/waiting.ts'

/**
 * Why a request is put back: `error` says "not now". A request that was held for the same before waits since then. An
 * open breaker tells nothing of what opened it, so what the request met before stays its last error.
 */
export function heldFor(error: SluiceError, delayMs: number, before: Waiting | undefined): Waiting {
  const reason = reasonOf(error)
  const now = Date.now()
  const refused = error.code === 'BREAKER_OPEN'
  return {
    reason,
    since: before?.reason === reason ? before.since : now,
    until: now + Math.ceil(delayMs),
    lastError: (refused ? before?.lastError : undefined) ?? statusError(error.code, error.message, error.facts)
  }
}

function reasonOf({ code, facts }: SluiceError): WaitingReason {
  if (code === 'PIPELINE_NOT_READY' || facts.notStarted === true) return 'step'
  return facts.budgetSpent === true ? 'budget' : 'breaker'
}

/** Put back without a better time known, in milliseconds. */
const usualMs = 1_000

/** How long a request waits for what it failed with, in milliseconds. */
export const holdMs = ({ facts }: SluiceError): number => facts.retryAfterMs ?? usualMs
