import type { Destination } from './destination.ts'

export type OnFailure =
  | { readonly kind: 'fail' }
  | { readonly kind: 'continue' }
  /** Tried in order; there is at least one. */
  | { readonly kind: 'fallback'; readonly fallbacks: readonly Fallback[] }

/** The replacement for a step that failed. */
export type Fallback =
  | { readonly kind: 'destination'; readonly destination: Destination }
  | { readonly kind: 'data'; readonly data: Uint8Array; readonly contentType: string }
