/**
 * A worker asks for a permit to call a destination whose calls at once are limited, by a number of its own, and gives
 * permits back. `key` names the destination and its limit.
 */
export type PermitMessage =
  /** `waits`: until there is one; else it wants one that is free now. */
  | { readonly kind: 'ask'; readonly key: string; readonly max: number; readonly no: number; readonly waits: boolean }
  /** It does not need the one any more that it asked for. */
  | { readonly kind: 'withdraw'; readonly key: string; readonly no: number }
  | { readonly kind: 'give'; readonly key: string; readonly count: number }

export type PermitAnswer =
  /** `recalled`: another worker waits for one. */
  | { readonly kind: 'granted'; readonly key: string; readonly no: number; readonly recalled: boolean }
  /** None was free. */
  | { readonly kind: 'refused'; readonly key: string; readonly no: number }
  /** Another worker waits: what is not used goes back, and so does each as soon as its call has ended. */
  | { readonly kind: 'recalled'; readonly key: string }
