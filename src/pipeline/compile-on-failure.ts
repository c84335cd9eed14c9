import { compileDestination } from './compile-destination.ts'
import type { Scope } from './compile-scope.ts'
import type { Fallback, OnFailure } from './on-failure.ts'
import type { FallbackSpec } from './spec/on-failure-spec.ts'
import type { StepSpec } from './spec/step-spec.ts'

const fail: OnFailure = { kind: 'fail' }
const goOn: OnFailure = { kind: 'continue' }

export function compileOnFailure(spec: StepSpec['onFailure'], scope: Scope): OnFailure {
  if (spec === undefined || spec === 'fail') return fail
  if (spec === 'continue') return goOn
  const fallbacks = Array.isArray(spec.fallback) ? spec.fallback : [spec.fallback]
  return { kind: 'fallback', fallbacks: fallbacks.map(fallback => compileFallback(fallback, scope)) }
}

function compileFallback({ data, contentType, ...destination }: FallbackSpec, scope: Scope): Fallback {
  if (data === undefined) return { kind: 'destination', destination: compileDestination(destination, scope) }
  // Text beside its media type is what it is; every other value is JSON.
  const text = typeof data === 'string' && contentType !== undefined ? data : JSON.stringify(data)
  return { kind: 'data', data: new TextEncoder().encode(text), contentType: contentType ?? 'application/json' }
}
