import type { Destination } from './destination.ts'

export interface Delivery {
  /** Attempts after the first. */
  readonly retry: number
  readonly backoffPolicy: 'exponential' | 'linear'
  readonly backoffDelayMs: number
  readonly backoffMaxMs: number
  /** For each attempt, waiting for a connection included. */
  readonly timeoutMs: number
  readonly retryAfterMaxMs: number
  readonly deadLetterSink: Destination | undefined
  readonly format: 'binary' | 'json'
}

/** opossum's words. */
export interface BreakerSettings {
  readonly enabled: boolean
  readonly errorThresholdPercentage: number
  readonly rollingCountTimeoutMs: number
  readonly resetTimeoutMs: number
  readonly volumeThreshold: number
}
