/** Tokens a first attempt adds; tokens that time adds, per second; the most that the bucket holds. */
const perFirstAttempt = 0.2
const perSecond = 10
const capacity = 100

/** Bounds the retries of one origin, so that an outage is not multiplied. */
export interface RetryBudget {
  /** Tells of a first attempt. */
  deposit(): void
  /** Takes one token for a retry; false: there is none, give up. */
  withdraw(): boolean
  /** From 0, spent, to 1, full. */
  ratio(): number
}

/** A full bucket. `now` is in milliseconds, on any monotonic clock. */
export function createRetryBudget(now: () => number = () => performance.now()): RetryBudget {
  let tokens = capacity
  let filledAt = now()

  const fill = (extra: number): void => {
    const at = now()
    tokens = Math.min(capacity, tokens + extra + ((at - filledAt) / 1000) * perSecond)
    filledAt = at
  }

  return {
    deposit: () => {
      // Nothing is added to a full one, as nearly all are: a look at the clock costs more than the rest of this.
      if (tokens < capacity) fill(perFirstAttempt)
    },
    withdraw: () => {
      fill(0)
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    ratio: () => {
      fill(0)
      return tokens / capacity
    }
  }
}
