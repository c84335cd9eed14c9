import type { SluiceError } from '../errors.ts'

/**
 * Whether a failure says only "not now": the breaker is open, or was probed in vain, or so many calls fail that the
 * retry budget is spent, or the step is not there yet. A stored request is put back and waits, without using up a
 * delivery; nothing of it is dead-lettered.
 */
export const isHeld = ({ code, facts }: SluiceError): boolean =>
  code === 'BREAKER_OPEN' || code === 'PIPELINE_NOT_READY' || facts.probe === true || facts.budgetSpent === true
