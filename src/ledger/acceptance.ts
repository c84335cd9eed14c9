import { SluiceError } from '../errors.ts'
import type { NewRequest } from './record/new-request.ts'
import type { Claimed, Lease } from './work.ts'

/** How requests come into the store, and are taken back. */
export interface Acceptance {
  /**
   * Accepts all of the requests or none. A request with a known deduplication key is not accepted again: the answer
   * names the known one. If it has another fingerprint, nothing is accepted, and it is the answer to each that is not
   * known itself. With `claim` the accepted ones are claimed in the same write, but those that must wait for
   * their order key. Throws QUEUE_FULL when the pipeline has `maxQueued` requests waiting, STORE_UNAVAILABLE.
   */
  accept(requests: readonly NewRequest[], claim?: Lease): Promise<readonly Accepted[]>

  /** Ends a request that is not settled; whoever runs it loses the claim. */
  cancel(pipeline: string, id: string): Promise<'cancelled' | 'settled' | 'unknown'>
}

export type Accepted =
  | { readonly kind: 'accepted'; readonly id: string; readonly claimed: Claimed | undefined }
  | { readonly kind: 'known'; readonly id: string; readonly sameFingerprint: boolean }

/**
 * The refusal of requests for which the queue of their pipeline has no room, be it for a batch larger than the queue.
 */
export function queueFull(pipeline: string, waiting: number): SluiceError {
  const message = `the queue of ${pipeline} has no room for as many: ${waiting} are waiting, maxQueued is the most`
  return new SluiceError('QUEUE_FULL', message, { facts: { pipeline, retryAfterMs: 1000 } })
}
