import type { ErrorCode, SluiceError } from '../errors.ts'

/** OVERLOADED: this machine has no descriptor or port left for a call. */
const notNowCodes: ReadonlySet<ErrorCode> = new Set(['BREAKER_OPEN', 'PIPELINE_NOT_READY', 'OVERLOADED'])

/**
 * Whether a failure says only "not now": the breaker is open, or was probed in vain, or so many calls fail that the
 * retry budget is spent, or the step is not there yet, or its process could not be started. A stored request is put back and waits, without using up a
 * delivery; nothing of it is dead-lettered.
 */
export const shouldHold = ({ code, facts }: SluiceError): boolean =>
  notNowCodes.has(code) || facts.probe === true || facts.budgetSpent === true || facts.notStarted === true
