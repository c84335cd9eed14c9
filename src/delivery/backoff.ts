import type { Delivery } from '../pipeline/delivery.ts'

/** The longest wait, in milliseconds, before the given retry; the first retry is 0. */
export type Backoff = (retry: number) => number

/** delay x 2^n, n from 0, or delay x n, n from 1 (as Knative's code does, not its spec); capped by `backoffMax`. */
export function backoffOf({ backoffPolicy, backoffDelayMs, backoffMaxMs }: Delivery): Backoff {
  if (backoffPolicy === 'linear') return retry => Math.min(backoffMaxMs, backoffDelayMs * (retry + 1))
  return retry => Math.min(backoffMaxMs, backoffDelayMs * 2 ** retry)
}
