import type { ErrorCode, SluiceError } from '../errors.ts'

/**
 * 404 and 409 are retried on purpose: an endpoint that is still scaling up from zero answers them for a moment
 * (Knative's SelectiveRetry does the same).
 */
const retriableBelow500 = new Set([404, 408, 409, 429])

/** A step that answers so finds fault with what it was given, and would again (STEP_REJECTED). */
export const rejections: ReadonlySet<number> = new Set([400, 413, 415, 422])

/** OVERLOADED: this machine lacks what a call takes. */
const transient: ReadonlySet<ErrorCode> = new Set([
  'STEP_TIMEOUT',
  'STEP_UNREACHABLE',
  'PIPELINE_NOT_READY',
  'OVERLOADED'
])

/** Whether another attempt can help. The only place that decides it. */
export function isRetriable({ code, facts }: SluiceError): boolean {
  if (facts.begun === true || facts.spent === true || facts.notStarted === true) return false
  if (transient.has(code)) return true
  if (code !== 'STEP_FAILED') return false
  const status = facts.upstreamStatus ?? 0
  return status >= 500 || retriableBelow500.has(status)
}

/** Whether a failure says that the origin is ill: 5xx, 429, timeouts and connection errors; other 4xx don't. */
export function countsForBreaker({ code, facts }: SluiceError): boolean {
  // A process that ends is started again after growing delays, which is its own kind of breaker.
  if (facts.processLost === true) return false
  switch (code) {
    case 'STEP_TIMEOUT':
    case 'STEP_UNREACHABLE':
    case 'STEP_BROKEN_OFF':
      return true
    case 'DEADLINE_EXCEEDED':
      // A hung step whose timeout is not shorter than the deadline shows itself only this way.
      return facts.cutShort !== true
    case 'STEP_FAILED':
      return (facts.upstreamStatus ?? 0) >= 500 || facts.upstreamStatus === 429
    default:
      return false
  }
}
