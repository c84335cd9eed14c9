import type { DeliveryPolicy } from '../../delivery/deliver.ts'
import { countsForBreaker } from '../../delivery/retriable.ts'

/** Is told of each attempt of an entry. */
export type TellAttempt = (failed: boolean, ms: number) => void

/**
 * Tells of each attempt: failures are those that a breaker counts, and an attempt that the open breaker refuses. It is
 * around the breaker and inside the retries.
 */
export const judged =
  (tell: TellAttempt): DeliveryPolicy =>
  next =>
  async (event, call) => {
    const before = call.attempts.count
    const startedAt = performance.now()
    const delivered = await next(event, call)
    const failure = delivered.kind === 'failed' ? delivered.error : undefined
    const refused = failure?.code === 'BREAKER_OPEN'
    if (!refused && (delivered.kind === 'cancelled' || call.attempts.count === before)) return delivered
    tell(refused || (failure !== undefined && countsForBreaker(failure)), performance.now() - startedAt)
    return delivered
  }
