import type { Backoff } from './backoff.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Call, Deliver, Delivered, DeliveryPolicy } from './deliver.ts'
import { isRetriable } from './retriable.ts'
import type { RetryBudget } from './retry-budget.ts'
import { waitFor } from './wait.ts'
import type { ErrorCode, SluiceError } from '../errors.ts'

export interface RetryOptions {
  /** Attempts after the first. */
  readonly retries: number
  readonly backoff: Backoff
  readonly retryAfterMaxMs: number
  /** Of the origin; looked up for each call, as origins are bounded in number. */
  readonly budget: () => RetryBudget
  readonly now?: () => number
  readonly random?: () => number
}

/**
 * Tries again while another attempt can help, within the retries, the budget of the origin and the deadline.
 * A failure carries the number of attempts that were made, and whether trying again is of use to anybody.
 */
export function retry(options: RetryOptions): DeliveryPolicy {
  return next => (event, call) => {
    const budget = options.budget()
    budget.deposit()
    return next(event, call).then(delivered =>
      delivered.kind === 'failed' ? tryAgain(delivered.error, next, event, call, budget, options) : delivered
    )
  }
}

async function tryAgain(
  first: SluiceError,
  next: Deliver,
  event: CloudEvent,
  call: Call,
  budget: RetryBudget,
  options: RetryOptions
): Promise<Delivered> {
  const { retries, now = () => performance.now() } = options
  let error = first
  for (let retried = 0; ; retried++) {
    const failed = { kind: 'failed', error: error.with({ attempts: call.attempts.count }) } as const
    if (!isRetriable(error)) return isOfTheMoment(error) ? failed : spent(failed.error)
    if (retried >= retries) return isOfTheMoment(error) ? failed : spent(failed.error)
    const delayMs = delayBefore(retried, error, options)
    if (now() + delayMs >= call.deadline) return failed
    if (error.facts.processLost !== true && !budget.withdraw())
      return { kind: 'failed', error: failed.error.with({ budgetSpent: true }) }
    if (!(await waitFor(delayMs, call.signal))) return { kind: 'cancelled' }
    const delivered = await next(event, call)
    if (delivered.kind !== 'failed') return delivered
    const { code, message } = delivered.error
    if (code === 'CALL_LIMIT') {
      const last = delivered.error.said(`${message}; its last failure: ${error.message}`)
      return spent(last.with({ attempts: call.attempts.count }))
    }
    error = delivered.error
  }
}

/** These say nothing of what the next request will meet, whoever makes it. */
const momentary: ReadonlySet<ErrorCode> = new Set([
  'BREAKER_OPEN',
  'DEADLINE_EXCEEDED',
  'PIPELINE_NOT_READY',
  'OVERLOADED'
])

const isOfTheMoment = ({ code, facts }: SluiceError): boolean => momentary.has(code) || facts.notStarted === true

const spent = (error: SluiceError): Delivered => ({ kind: 'failed', error: error.with({ spent: true }) })

/** Full jitter over the backoff, but never sooner than the step asked by `Retry-After`, up to its cap. */
function delayBefore(retried: number, error: SluiceError, options: RetryOptions): number {
  const { backoff, retryAfterMaxMs, random = Math.random } = options
  const asked = Math.min(error.facts.retryAfterMs ?? 0, retryAfterMaxMs)
  return Math.max(asked, random() * backoff(retried))
}
