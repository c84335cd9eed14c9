/** How the processes of a step do, for whoever tells of the step. */
export interface PoolHealth {
  readonly state: PoolState
  /** One of them was ready at some time. */
  readonly wasReady: boolean
  /** Ends in a row, each soon after the start. */
  readonly failures: number
  readonly instances: Instances
}

export interface Instances {
  /** As many as the load, the definition and `--max-processes` ask for. */
  readonly desired: number
  readonly ready: number
}

/**
 * - idle:     none is wanted; the first call starts one
 * - starting: none is ready yet, and none has failed since the last that was
 * - ready:    at least one answers
 * - failing:  none answers, since they end or are not ready in time; they are started again, after growing delays
 * - stopped:  none may run
 */
export type PoolState =
  | { readonly kind: 'idle' | 'starting' | 'stopped' }
  | { readonly kind: 'ready'; readonly url: string }
  /** The reason follows "its process". */
  | { readonly kind: 'failing'; readonly reason: string }
