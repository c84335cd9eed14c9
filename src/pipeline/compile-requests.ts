import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { Requests } from './plan.ts'
import type { RequestsSpec } from './spec/requests-spec.ts'

const defaultRequests: Requests = {
  stored: defaults.requests.stored,
  ttlMs: durationMs(defaults.requests.ttl),
  deduplicate: defaults.requests.deduplicate
}

/** The rules for kept requests, with the defaults filled in; one object for all pipelines that say nothing. */
export function compileRequests(spec: RequestsSpec | undefined): Requests {
  if (spec === undefined) return defaultRequests
  return {
    stored: spec.stored ?? defaultRequests.stored,
    ttlMs: spec.ttl === undefined ? defaultRequests.ttlMs : durationMs(spec.ttl),
    deduplicate: spec.deduplicate ?? defaultRequests.deduplicate
  }
}
