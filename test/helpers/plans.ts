import type { BreakerSettings, Delivery } from '../../src/pipeline/delivery.ts'

/** The defaults of `delivery`, but for waiting: retries follow at once. */
export function aDelivery(changes: Partial<Delivery> = {}): Delivery {
  return {
    retry: 0,
    backoffPolicy: 'exponential',
    backoffDelayMs: 1,
    backoffMaxMs: 30_000,
    timeoutMs: 10_000,
    retryAfterMaxMs: 60_000,
    deadLetterSink: undefined,
    format: 'binary',
    ...changes
  }
}

/** The defaults of `circuitBreaker`. */
export function breakerSettings(changes: Partial<BreakerSettings> = {}): BreakerSettings {
  return {
    enabled: true,
    errorThresholdPercentage: 50,
    rollingCountTimeoutMs: 10_000,
    resetTimeoutMs: 10_000,
    volumeThreshold: 20,
    ...changes
  }
}
