import { defaults } from './defaults.ts'
import type { Limits } from './plan.ts'
import type { LimitsSpec } from './spec/limits-spec.ts'

/** Limits with the defaults filled in; one object for all pipelines that say nothing. */
export function compileLimits(spec: LimitsSpec | undefined): Limits {
  const { limits } = defaults
  if (spec === undefined) return limits
  return {
    maxConcurrent: spec.maxConcurrent ?? limits.maxConcurrent,
    maxInFlight: spec.maxInFlight ?? limits.maxInFlight,
    maxQueued: spec.maxQueued ?? limits.maxQueued,
    maxBodyBytes: spec.maxBodyBytes ?? limits.maxBodyBytes,
    maxDeliveries: spec.maxDeliveries ?? limits.maxDeliveries,
    maxBatch: spec.maxBatch ?? limits.maxBatch,
    maxCalls: spec.maxCalls ?? limits.maxCalls
  }
}
