import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { BreakerSettings } from './delivery.ts'
import type { CircuitBreakerSpec } from './spec/circuit-breaker-spec.ts'

/** Settings with the defaults filled in; one object for all steps that say nothing. */
export function compileBreaker(spec: CircuitBreakerSpec | undefined): BreakerSettings {
  return spec === undefined ? defaultBreaker : fill(spec)
}

function fill(spec: CircuitBreakerSpec): BreakerSettings {
  const { circuitBreaker } = defaults
  return {
    enabled: spec.enabled ?? circuitBreaker.enabled,
    errorThresholdPercentage: spec.errorThresholdPercentage ?? circuitBreaker.errorThresholdPercentage,
    rollingCountTimeoutMs: durationMs(spec.rollingCountTimeout ?? circuitBreaker.rollingCountTimeout),
    resetTimeoutMs: durationMs(spec.resetTimeout ?? circuitBreaker.resetTimeout),
    volumeThreshold: spec.volumeThreshold ?? circuitBreaker.volumeThreshold
  }
}

const defaultBreaker = fill({})
