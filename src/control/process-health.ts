/** How a local process does. */
export interface ProcessHealth {
  readonly state:
    | { readonly kind: 'idle' | 'starting' | 'ready' | 'stopped' }
    /** The reason follows "its process". */
    | { readonly kind: 'failing'; readonly reason: string }
  /** It was ready at some time. */
  readonly wasReady: boolean
  /** Starts in a row that did not last. */
  readonly failures: number
  readonly instances: { readonly desired: number; readonly ready: number }
}

/** How a local process does; `undefined`: nobody runs it. */
export type HealthOf = (key: string) => ProcessHealth | undefined
