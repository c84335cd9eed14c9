import { compileDestination } from './compile-destination.ts'
import type { Scope } from './compile-scope.ts'
import { defaults } from './defaults.ts'
import { durationMs } from './duration.ts'
import type { Delivery } from './delivery.ts'
import type { DeliverySpec } from './spec/delivery-spec.ts'

/** The delivery of a pipeline that says nothing; all of those share it. */
export const defaultDelivery: Delivery = {
  retry: defaults.delivery.retry,
  backoffPolicy: defaults.delivery.backoffPolicy,
  backoffDelayMs: durationMs(defaults.delivery.backoffDelay),
  backoffMaxMs: durationMs(defaults.delivery.backoffMax),
  timeoutMs: durationMs(defaults.delivery.timeout),
  retryAfterMaxMs: durationMs(defaults.delivery.retryAfterMax),
  deadLetterSink: undefined,
  format: defaults.delivery.format
}

/** `base` with what is said on top of it; `base` itself when nothing is, so that plans stay small. */
export function compileDelivery(spec: DeliverySpec | undefined, base: Delivery, scope: Scope): Delivery {
  if (spec === undefined) return base
  const ms = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : durationMs(text)
  return {
    retry: spec.retry ?? base.retry,
    backoffPolicy: spec.backoffPolicy ?? base.backoffPolicy,
    backoffDelayMs: ms(spec.backoffDelay, base.backoffDelayMs),
    backoffMaxMs: ms(spec.backoffMax, base.backoffMaxMs),
    timeoutMs: ms(spec.timeout, base.timeoutMs),
    retryAfterMaxMs: ms(spec.retryAfterMax, base.retryAfterMaxMs),
    deadLetterSink:
      spec.deadLetterSink === undefined ? base.deadLetterSink : compileDestination(spec.deadLetterSink, scope),
    format: spec.format ?? base.format
  }
}
